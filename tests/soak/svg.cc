#include "tests/soak/svg.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace renkei::soak {
namespace {

constexpr double kLeft = 70;
constexpr double kWidth = 960;
constexpr double kRight = 200;  // for the legend
constexpr double kTop = 120;    // for the title and the markers' names
constexpr double kHeight = 140;
constexpr double kGap = 46;
constexpr int kHours = 24;
constexpr double kTicks = 4;  // about so many

std::string Format(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string Format(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  (void)std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  return text;
}

// The axis of one panel, from the bottom to the top.
struct Axis {
  double low = 0;
  double high = 1;
  double step = 1;  // of ticks; a factor where it is logarithmic
  bool logarithmic = false;

  double Share(double value) const {
    const double share = logarithmic ? std::log(std::max(value, low) / low) / std::log(high / low)
                                     : (value - low) / (high - low);
    return std::clamp(share, 0.0, 1.0);
  }
  std::vector<double> Ticks() const {
    std::vector<double> out = {low};
    while (out.back() < high * 0.9999) {
      out.push_back(logarithmic ? out.back() * step : out.back() + step);
    }
    return out;
  }
};

// 1, 2 or 5 times a power of ten.
double RoundStep(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step) {
      return factor * power;
    }
  }
  return 10 * power;
}

Axis AxisOf(const Panel& panel) {
  double least = INFINITY;
  double most = 0;
  for (const Curve& curve : panel.curves) {
    for (const auto& value : curve.values) {
      most = std::max(most, value.value_or(0));
      least = std::min(least, value.value_or(0) > 0 ? *value : least);
    }
  }
  if (panel.logarithmic && most > 0) {
    const double low = std::pow(10, std::floor(std::log10(least)));
    return {low, std::max(std::pow(10, std::ceil(std::log10(most))), low * 10), 10, true};
  }
  const double step = RoundStep(std::max(most, 1e-9) / kTicks);
  return {0, std::max(std::ceil(most / step), 1.0) * step, step, false};
}

double X(double hour) {
  return kLeft + kWidth * hour / kHours;
}

std::string Text(double x, double y, const char* anchor, const std::string& text,
                 const char* more = "") {
  return Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>", x, y, anchor, more) + text +
         "</text>\n";
}

std::string Rule(double x1, double y1, double x2, double y2, const char* style) {
  return Format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2,
                style);
}

std::string Grid(const Axis& axis, double top) {
  std::string out;
  const double bottom = top + kHeight;
  for (int hour = 0; hour <= kHours; hour += 2) {
    out += Rule(X(hour), top, X(hour), bottom, "stroke=\"#eee\"");
    out += Text(X(hour), bottom + 14, "middle", Format("%d:00", hour));
  }
  for (const double tick : axis.Ticks()) {
    const double y = bottom - kHeight * axis.Share(tick);
    out += Rule(kLeft, y, kLeft + kWidth, y, "stroke=\"#ddd\"");
    out += Text(kLeft - 6, y + 4, "end", Format("%g", tick));
  }
  return out + Rule(kLeft, bottom, kLeft + kWidth, bottom, "stroke=\"#444\"") +
         Rule(kLeft, top, kLeft, bottom, "stroke=\"#444\"");
}

std::string Draw(const Curve& curve, const std::vector<double>& hours, const Axis& axis,
                 double top) {
  std::string out;
  std::string points;
  const auto end = [&] {
    if (!points.empty()) {
      out += "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"" + curve.colour +
             "\" points=\"" + points + "\"/>\n";
    }
    points.clear();
  };
  for (std::size_t i = 0; i < hours.size() && i < curve.values.size(); ++i) {
    if (!curve.values[i]) {
      end();
      continue;
    }
    points += Format("%.1f,%.1f ", X(hours[i]), top + kHeight * (1 - axis.Share(*curve.values[i])));
  }
  end();
  return out;
}

std::string Legend(const Panel& panel, double top) {
  std::string out;
  double y = top + 12;
  for (const Curve& curve : panel.curves) {
    const double x = kLeft + kWidth + 14;
    out += Rule(x, y - 4, x + 22, y - 4,
                ("stroke-width=\"3\" stroke=\"" + curve.colour + "\"").c_str());
    out += Text(x + 28, y, "start", curve.name);
    y += 18;
  }
  return out;
}

// Names are written slanting, so that those close to each other can be read.
std::string Draw(const Marker& marker, double bottom) {
  const double x = X(std::clamp(marker.hour, 0.0, double{kHours}));
  const std::string turn = Format("transform=\"rotate(-35 %.1f %.1f)\" fill=\"#a33\"", x, kTop - 8);
  return Rule(x, kTop - 4, x, bottom, "stroke=\"#a33\" stroke-dasharray=\"3 4\" opacity=\"0.6\"") +
         Text(x, kTop - 8, "start", marker.name, turn.c_str());
}

}  // namespace

std::string Svg(const Chart& chart) {
  const double bottom = kTop + static_cast<double>(chart.panels.size()) * (kHeight + kGap);
  const double width = kLeft + kWidth + kRight;
  std::string out = Format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
      "height=\"%.0f\" font-family=\"sans-serif\" font-size=\"11\">\n"
      "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
      width, bottom, width, bottom);
  out += Text(kLeft, 22, "start", chart.title, "font-size=\"15\" font-weight=\"bold\"");
  double top = kTop;
  for (const Panel& panel : chart.panels) {
    const Axis axis = AxisOf(panel);
    out += Grid(axis, top) + Legend(panel, top);
    for (const Curve& curve : panel.curves) {
      out += Draw(curve, chart.hours, axis, top);
    }
    out += Text(kLeft + 6, top + 13, "start", panel.title, "font-weight=\"bold\"");
    top += kHeight + kGap;
  }
  for (const Marker& marker : chart.markers) {
    out += Draw(marker, bottom - kGap);
  }
  return out + Text(kLeft + kWidth / 2, bottom - 12, "middle", "hour of the day") + "</svg>\n";
}

}  // namespace renkei::soak
