#include "client/documents/dates.h"

#include <array>
#include <cstdio>

#include "client/documents/text.h"

namespace renkei::documents {
namespace {

constexpr int kFirstYear = 1868;
constexpr int kLastYear = 9999;
constexpr std::int64_t kMillisPerDay = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kJapanOffsetMinutes = std::int64_t{9} * 60;

struct Era {
  std::string_view letter;
  std::string_view name;
  int before_first;  // Western year of the era's year 0
};
constexpr std::array kEras = {Era{"M", "明治", 1867}, Era{"T", "大正", 1911},
                              Era{"S", "昭和", 1925}, Era{"H", "平成", 1988},
                              Era{"R", "令和", 2018}};

int DaysInMonth(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

bool Exists(const Date& date) {
  return date.year >= kFirstYear && date.year <= kLastYear && date.month >= 1 && date.month <= 12 &&
         date.day >= 1 && date.day <= DaysInMonth(date.year, date.month);
}

// Reads from the front of a text; each step moves on only if it succeeds.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool Done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  bool Literal(std::string_view text) {
    if (rest_.substr(0, text.size()) != text) {
      return false;
    }
    rest_.remove_prefix(text.size());
    return true;
  }
  // `least` to `most` digits.
  std::optional<int> Number(std::size_t least, std::size_t most) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < most && digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
      value = value * 10 + (rest_[digits] - '0');
      ++digits;
    }
    if (digits < least) {
      return std::nullopt;
    }
    rest_.remove_prefix(digits);
    return value;
  }

 private:
  std::string_view rest_;
};

// Month and day after a year, in the manner that the year's separator announced.
std::optional<Date> MonthAndDay(Scanner& scan, int year) {
  Date date{year, 0, 0};
  std::string_view between;
  std::string_view after;
  if (scan.Literal("年")) {
    between = "月";
    after = "日";
  } else if (scan.Literal("-")) {
    between = "-";
  } else if (scan.Literal("/")) {
    between = "/";
  } else if (scan.Literal(".")) {
    between = ".";
  } else {
    return std::nullopt;
  }
  const auto month = scan.Number(1, 2);
  if (!month || !scan.Literal(between)) {
    return std::nullopt;
  }
  const auto day = scan.Number(1, 2);
  if (!day || !scan.Literal(after)) {
    return std::nullopt;
  }
  date.month = *month;
  date.day = *day;
  return date;
}

std::optional<Date> WesternDate(Scanner& scan) {
  Scanner packed = scan;
  if (const auto number = packed.Number(8, 8)) {
    scan = packed;
    return Date{*number / 10000, *number / 100 % 100, *number % 100};
  }
  const auto year = scan.Number(4, 4);
  return year ? MonthAndDay(scan, *year) : std::nullopt;
}

std::optional<Date> EraDate(Scanner& scan) {
  for (const Era& era : kEras) {
    const bool letter = scan.Literal(era.letter);
    if (!letter && !scan.Literal(era.name)) {
      continue;
    }
    Scanner packed = scan;
    if (const auto number = packed.Number(6, 6); letter && number) {
      scan = packed;
      return Date{era.before_first + *number / 10000, *number / 100 % 100, *number % 100};
    }
    const auto year = scan.Literal("元") ? std::optional<int>(1) : scan.Number(1, 2);
    return year && *year > 0 ? MonthAndDay(scan, era.before_first + *year) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Date> ScanDate(Scanner& scan) {
  const bool western = !scan.Done() && scan.rest()[0] >= '0' && scan.rest()[0] <= '9';
  const auto date = western ? WesternDate(scan) : EraDate(scan);
  return date && Exists(*date) ? date : std::nullopt;
}

// Hours, minutes, seconds as seconds of the day.
std::optional<int> ScanTime(Scanner& scan) {
  const auto hour = scan.Number(1, 2);
  const bool words = scan.Literal("時");
  if (!hour || *hour > 23 || (!words && !scan.Literal(":"))) {
    return std::nullopt;
  }
  const auto minute = scan.Number(words ? 1 : 2, 2);
  if (!minute || *minute > 59 || (words && !scan.Literal("分"))) {
    return std::nullopt;
  }
  int second = 0;
  if (!words && scan.Literal(":")) {
    const auto read = scan.Number(2, 2);
    if (!read || *read > 59) {
      return std::nullopt;
    }
    second = *read;
    if (scan.Literal(".") && !scan.Number(1, 9)) {
      return std::nullopt;
    }
  }
  return (*hour * 60 + *minute) * 60 + second;
}

// Minutes east of UTC; Japan's if nothing is left.
std::optional<std::int64_t> ScanOffset(Scanner& scan) {
  if (scan.Done()) {
    return kJapanOffsetMinutes;
  }
  if (scan.Literal("Z") || scan.Literal("z")) {
    return 0;
  }
  const int sign = scan.Literal("+") ? 1 : scan.Literal("-") ? -1 : 0;
  const auto hours = scan.Number(2, 2);
  scan.Literal(":");
  const auto minutes = scan.Number(2, 2);
  if (sign == 0 || !hours || !minutes || *hours > 14 || *minutes > 59) {
    return std::nullopt;
  }
  return sign * (*hours * 60 + *minutes);
}

template <typename... Args>
std::string Format(const char* format, Args... args) {
  char buffer[64];
  const int length = std::snprintf(buffer, sizeof(buffer), format, args...);
  return std::string(buffer, length < 0 ? 0 : static_cast<std::size_t>(length));
}

}  // namespace

// Howard Hinnant's days_from_civil, written out: eras of 400 years that begin on 1 March.
std::int64_t DayNumber(const Date& date) {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t shifted_month = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * shifted_month + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Date DateOfDay(std::int64_t day_number) {
  const std::int64_t z = day_number + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {static_cast<int>(year_of_era + era * 400) + (month <= 2 ? 1 : 0), month, day};
}

Date Today(Millis now) {
  const std::int64_t local = now.value + kJapanOffsetMinutes * 60 * 1000;
  const std::int64_t day = local >= 0 ? local / kMillisPerDay : -((-local - 1) / kMillisPerDay) - 1;
  return DateOfDay(day);
}

int AgeAt(const Date& birth, const Date& today) {
  const bool before_birthday =
      today.month < birth.month || (today.month == birth.month && today.day < birth.day);
  return today.year - birth.year - (before_birthday ? 1 : 0);
}

std::optional<Date> ReadDate(std::string_view text) {
  const std::string folded = Nfkc(Trim(text));
  Scanner scan(folded);
  const auto date = ScanDate(scan);
  return date && scan.Done() ? date : std::nullopt;
}

std::string DateText(const Date& date) {
  return Format("%04d-%02d-%02d", date.year, date.month, date.day);
}

std::string DateDigits(const Date& date) {
  return Format("%04d%02d%02d", date.year, date.month, date.day);
}

std::string DateForEyes(const Date& date) {
  return Format("%d年%d月%d日", date.year, date.month, date.day);
}

std::optional<std::string> CanonicalDateTime(std::string_view text) {
  const std::string folded = Nfkc(Trim(text));
  Scanner scan(folded);
  const auto date = ScanDate(scan);
  if (!date || !(scan.Literal("T") || scan.Literal("t") || scan.Literal(" "))) {
    return std::nullopt;
  }
  const auto seconds = ScanTime(scan);
  const auto offset = seconds ? ScanOffset(scan) : std::nullopt;
  if (!offset || !scan.Done()) {
    return std::nullopt;
  }
  const std::int64_t local =
      DayNumber(*date) * 86400 + *seconds + (kJapanOffsetMinutes - *offset) * 60;
  const std::int64_t day = local / 86400 - (local % 86400 < 0 ? 1 : 0);
  const int rest = static_cast<int>(local - day * 86400);
  return DateText(DateOfDay(day)) +
         Format("T%02d:%02d:%02d+09:00", rest / 3600, rest / 60 % 60, rest % 60);
}

std::string MomentForEyes(std::string_view canonical) {
  const auto date = DateOfMoment(canonical);
  if (!date) {
    return std::string(canonical);
  }
  std::string out = DateForEyes(*date);
  if (canonical.size() > 16) {
    out += " " + std::string(canonical.substr(canonical[11] == '0' ? 12 : 11,
                                              canonical[11] == '0' ? 4 : 5));
  }
  return out;
}

std::optional<Date> DateOfMoment(std::string_view canonical) {
  const auto time = canonical.size() > 10 ? CanonicalDateTime(canonical) : std::nullopt;
  if (canonical.size() > 10 && (!time || *time != canonical)) {
    return std::nullopt;
  }
  const auto date = ReadDate(canonical.substr(0, 10));
  return date && DateText(*date) == canonical.substr(0, 10) ? date : std::nullopt;
}

}  // namespace renkei::documents
