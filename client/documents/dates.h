// Dates and times of forms: Western and Japanese eras in, one canonical text out. Times are Japan's
// (UTC+9, no daylight saving). Values; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_DATES_H_
#define RENKEI_CLIENT_DOCUMENTS_DATES_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/clock.h"

namespace renkei::documents {

struct Date {
  int year = 0;
  int month = 0;
  int day = 0;

  friend auto operator<=>(const Date&, const Date&) = default;
};

// Days since 1970-01-01, proleptic Gregorian.
std::int64_t DayNumber(const Date& date);
Date DateOfDay(std::int64_t day_number);
// Today in Japan.
Date Today(Millis now);
// Full years from `birth` to `today`; negative if birth is later.
int AgeAt(const Date& birth, const Date& today);

// Reads 2026-03-10, 2026/3/10, 2026.3.10, 20260310, 2026年3月10日, R080310, R8.3.10,
// 令和8年3月10日, 平成元年1月8日, in full or half width. Empty: none of these, or no such day, or
// before 1868.
std::optional<Date> ReadDate(std::string_view text);
std::string DateText(const Date& date);     // 2026-03-10
std::string DateDigits(const Date& date);   // 20260310
std::string DateForEyes(const Date& date);  // 2026年3月10日

// A date as above, then T or a space, then 21:40, 21:40:05, 21時40分; then nothing (Japan), Z or an
// offset such as +09:00. Canonical: 2026-03-10T21:40:00+09:00. Empty: not such a time.
std::optional<std::string> CanonicalDateTime(std::string_view text);
// For canonical text (date or date and time): 2026年3月10日 21:40. Anything else comes back as it
// is.
std::string MomentForEyes(std::string_view canonical);
// The date of canonical text.
std::optional<Date> DateOfMoment(std::string_view canonical);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_DATES_H_
