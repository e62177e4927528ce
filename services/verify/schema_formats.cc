#include <arpa/inet.h>
#include <re2/re2.h>

#include <chrono>
#include <iterator>

#include "services/verify/schema_keywords.h"

namespace moerge {
namespace {

// Compiled once.
struct Expressions {
  const RE2 date{R"((\d{4})-(\d\d)-(\d\d))"};
  const RE2 time{
      R"((?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))"};
  const RE2 duration{
      R"(P(?:\d+W|\d+Y(?:\d+M(?:\d+D)?)?(?:T.+)?|\d+M(?:\d+D)?(?:T.+)?|\d+D(?:T.+)?|T.+))"};
  const RE2 duration_time{R"([^T]+|[^T]*T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))"};
  const RE2 local_part{R"([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"};
  const RE2 hostname{
      R"([A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)"};
  const RE2 uuid{R"([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})"};
  const RE2 uri{
      R"([A-Za-z][A-Za-z0-9+.-]*:(?:[^\x00-\x20<>"{}|\\^`%\x7f-\x{10ffff}]|%[0-9A-Fa-f]{2})*)"};
};

const Expressions& E() {
  static const Expressions expressions;
  return expressions;
}

bool Full(std::string_view text, const RE2& expression) {
  return RE2::FullMatch({text.data(), text.size()}, expression);
}

bool Date(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!RE2::FullMatch({text.data(), text.size()}, E().date, &year, &month, &day)) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                     std::chrono::day(day))
      .ok();
}

bool Time(std::string_view text) { return Full(text, E().time); }

bool DateTime(std::string_view text) {
  constexpr std::size_t kDate = 10;
  return text.size() > kDate && (text[kDate] == 'T' || text[kDate] == 't') &&
         Date(text.substr(0, kDate)) && Time(text.substr(kDate + 1));
}

bool Duration(std::string_view text) {
  return Full(text, E().duration) && Full(text, E().duration_time);
}

bool Hostname(std::string_view text) {
  constexpr std::size_t kMax = 253;
  return text.size() <= kMax && Full(text, E().hostname);
}

bool Email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != text.npos && Full(text.substr(0, at), E().local_part) &&
         Hostname(text.substr(at + 1));
}

bool Address(std::string_view text, int family) {
  unsigned char bytes[sizeof(in6_addr)];
  return text.find('\0') == text.npos && inet_pton(family, std::string(text).c_str(), bytes) == 1;
}
bool Ipv4(std::string_view text) { return Address(text, AF_INET); }
bool Ipv6(std::string_view text) { return Address(text, AF_INET6); }
bool Uuid(std::string_view text) { return Full(text, E().uuid); }
bool Uri(std::string_view text) { return Full(text, E().uri); }

constexpr struct {
  std::string_view name;
  FormatTest test;
} kFormats[] = {{"date", Date},   {"date-time", DateTime}, {"duration", Duration},
                {"email", Email}, {"hostname", Hostname},  {"ipv4", Ipv4},
                {"ipv6", Ipv6},   {"time", Time},          {"uri", Uri},
                {"uuid", Uuid}};

}  // namespace

FormatTest FindFormat(std::string_view name) {
  for (const auto& format : kFormats) {
    if (format.name == name) return format.test;
  }
  return nullptr;
}

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const auto& format : kFormats) names.emplace_back(format.name);
  return names;
}

}  // namespace moerge
