#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/text.h"

namespace moerge {
namespace {

namespace chrono = std::chrono;
using TimePoint = chrono::system_clock::time_point;

// Reads a time from the left; what does not fit gives false and leaves the reader unusable.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }

  bool Digits(std::size_t count, int* number) {
    if (text_.size() < count || text_.substr(0, count).find_first_not_of("0123456789") < count) {
      return false;
    }
    std::from_chars(text_.data(), text_.data() + count, *number);
    text_.remove_prefix(count);
    return true;
  }

  // Any of `allowed`; gives which.
  std::optional<char> OneOf(std::string_view allowed) {
    if (text_.empty() || allowed.find(text_.front()) == allowed.npos) return std::nullopt;
    const char found = text_.front();
    text_.remove_prefix(1);
    return found;
  }

  // Nanoseconds from the digits of a fraction; more than nine are cut.
  bool Fraction(chrono::nanoseconds* fraction) {
    const std::size_t count = std::min(text_.find_first_not_of("0123456789"), text_.size());
    std::string digits(text_.substr(0, std::min<std::size_t>(count, 9)));
    digits.resize(9, '0');
    *fraction = chrono::nanoseconds(*ParseInt(digits));
    text_.remove_prefix(count);
    return count > 0;
  }

 private:
  std::string_view text_;
};

bool ReadDate(Reader& in, chrono::sys_days* date) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!in.Digits(4, &year) || !in.OneOf("-") || !in.Digits(2, &month) || !in.OneOf("-") ||
      !in.Digits(2, &day)) {
    return false;
  }
  const chrono::year_month_day parsed{chrono::year(year), chrono::month(month), chrono::day(day)};
  *date = chrono::sys_days(parsed.ok() ? parsed : chrono::year_month_day());
  return parsed.ok();
}

bool ReadClock(Reader& in, chrono::nanoseconds* clock) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!in.Digits(2, &hour) || !in.OneOf(":") || !in.Digits(2, &minute) || !in.OneOf(":") ||
      !in.Digits(2, &second) || hour > 23 || minute > 59 || second > 60) {
    return false;
  }
  chrono::nanoseconds fraction{0};
  if (in.OneOf(".") && !in.Fraction(&fraction)) return false;
  *clock = chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second) + fraction;
  return true;
}

bool ReadOffset(Reader& in, chrono::minutes* offset) {
  const std::optional<char> sign = in.OneOf("Zz+-");
  if (!sign) return false;
  if (*sign == 'Z' || *sign == 'z') return true;
  int hours = 0;
  int minutes = 0;
  if (!in.Digits(2, &hours) || !in.OneOf(":") || !in.Digits(2, &minutes)) return false;
  *offset = (chrono::hours(hours) + chrono::minutes(minutes)) * (*sign == '-' ? -1 : 1);
  return hours < 24 && minutes < 60;
}

// Outside of these a nanosecond clock of 64 bits overflows.
bool Representable(chrono::sys_days date) {
  const chrono::year_month_day day(date);
  return day.year() >= chrono::year(1678) && day.year() <= chrono::year(2261);
}

}  // namespace

// Written digit by digit: every log line and every decision has a time, and printf is slow.
std::string FormatTime(TimePoint time) {
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(chrono::floor<chrono::milliseconds>(time - day));
  std::string text = "0000-00-00T00:00:00.000Z";
  const auto put = [&text](std::size_t last, std::size_t count, std::int64_t number) {
    for (; count > 0; --count, number /= 10) text[last--] = static_cast<char>('0' + number % 10);
  };
  put(3, 4, static_cast<int>(date.year()));
  put(6, 2, static_cast<unsigned>(date.month()));
  put(9, 2, static_cast<unsigned>(date.day()));
  put(12, 2, clock.hours().count());
  put(15, 2, clock.minutes().count());
  put(18, 2, clock.seconds().count());
  put(22, 3, clock.subseconds().count());
  return text;
}

std::int64_t NowInSeconds() {
  return chrono::duration_cast<chrono::seconds>(chrono::system_clock::now().time_since_epoch())
      .count();
}

std::optional<TimePoint> ParseTime(std::string_view text) {
  Reader in(text);
  chrono::sys_days date;
  chrono::nanoseconds clock{0};
  chrono::minutes offset{0};
  if (!ReadDate(in, &date) || !Representable(date)) return std::nullopt;
  if (!in.done()) {
    if (!in.OneOf("Tt ") || !ReadClock(in, &clock) || !ReadOffset(in, &offset)) return std::nullopt;
  }
  if (!in.done()) return std::nullopt;
  return chrono::time_point_cast<TimePoint::duration>(date + clock - offset);
}

}  // namespace moerge
