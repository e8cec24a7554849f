// The day as a picture.
#ifndef RENKEI_TESTS_SOAK_PLOT_H_
#define RENKEI_TESTS_SOAK_PLOT_H_

#include <string>
#include <vector>

#include "tests/soak/operator.h"
#include "tests/soak/samples.h"
#include "tests/soak/svg.h"

namespace renkei::soak {

Chart Plot(const std::string& title, const std::vector<Sample>& samples,
           const std::vector<Event>& events);

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_PLOT_H_
