#include "base/iso_bytes.h"

#include <cstdint>

namespace packwalk {
namespace {

char* put_digits(char* to, std::uint64_t number, int count) {
  for (int i = count - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return to + count;
}

/// "2026-01-01T10:00:00", without a zone. A year has four digits, or five from 10000 on.
char* put_seconds(char* to, DeviceTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  int year = static_cast<int>(date.year());
  if (year < 0) {
    *to++ = '-';
    year = -year;
  }
  to = put_digits(to, static_cast<std::uint64_t>(year), year > 9999 ? 5 : 4);
  const auto part = [&](char before, std::uint64_t number) {
    *to++ = before;
    to = put_digits(to, number, 2);
  };
  part('-', static_cast<unsigned>(date.month()));
  part('-', static_cast<unsigned>(date.day()));
  part('T', static_cast<std::uint64_t>(clock.hours().count()));
  part(':', static_cast<std::uint64_t>(clock.minutes().count()));
  part(':', static_cast<std::uint64_t>(clock.seconds().count()));
  return to;
}

}  // namespace

char* put_iso(char* to, DeviceTime time) {
  to = put_seconds(to, time);
  *to++ = 'Z';
  return to;
}

char* put_iso(char* to, ServerTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  to = put_seconds(to, second);
  *to++ = '.';
  to = put_digits(to, static_cast<std::uint64_t>((time - second).count()), 6);
  *to++ = 'Z';
  return to;
}

}  // namespace packwalk
