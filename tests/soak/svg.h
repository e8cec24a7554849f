// Curves over the hours of a day, one panel below the other, as an SVG that any browser shows.
#ifndef RENKEI_TESTS_SOAK_SVG_H_
#define RENKEI_TESTS_SOAK_SVG_H_

#include <optional>
#include <string>
#include <vector>

namespace renkei::soak {

struct Curve {
  std::string name;
  std::string colour;
  std::vector<std::optional<double>> values;  // one for each hour of the chart; nothing: a gap
};

struct Panel {
  std::string title;  // with its unit
  std::vector<Curve> curves;
  bool logarithmic = false;
};

struct Marker {
  double hour = 0;
  std::string name;
};

struct Chart {
  std::string title;
  std::vector<double> hours;  // ascending, 0..24
  std::vector<Panel> panels;
  std::vector<Marker> markers;
};

std::string Svg(const Chart& chart);

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_SVG_H_
