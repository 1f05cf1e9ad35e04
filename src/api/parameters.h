// The parameters of a question: decoded once, and read without stopping at what is wrong.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "http/problem.h"
#include "ports/query_store.h"

namespace packwalk {

/// In which form an answer is written.
enum class AnswerForm { json, geojson, gpx };
std::string_view media_type_of(AnswerForm form);

inline constexpr std::size_t limit_default = 1000;
inline constexpr std::size_t limit_max = 10'000;

/// Device times are whole 32-bit seconds, so these lie before and after all of them.
inline constexpr DeviceTime before_all = device_time(std::numeric_limits<std::int32_t>::min());
inline constexpr DeviceTime after_all = device_time(std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1);

/// A time in a query, as given_time() of base/time_text reads it: a `+` before its zone need not be escaped.
Result<DeviceTime> time_from_query(std::string_view text);

/// Each reader returns what its parameter says; of one that is missing or wrong, what stands for a missing one. The
/// first thing that is wrong is remembered.
class Parameters {
 public:
  /// Of a query that may have parameters of these names, each once.
  Parameters(std::string_view query, std::span<const std::string_view> known);

  struct Fault {
    Problem problem{};
    std::string parameter;  // "" where the name cannot be shown
    std::string detail;
  };
  const std::optional<Fault>& fault() const { return fault_; }
  /// Errc::invalid_input when anything that was read so far is wrong.
  Result<void> check() const;
  /// Remembers that a parameter is wrong, unless another one was before.
  void reject(std::string_view name, std::string detail, Problem problem = Problem::invalid_parameter);

  std::optional<std::string_view> text(std::string_view name) const;
  bool has(std::string_view name) const { return text(name).has_value(); }

  /// A whole number or a decimal one from `least` to `greatest`; `sentence` says so.
  template <class Number>
  std::optional<Number> number(std::string_view name, std::pair<Number, Number> range, std::string_view sentence) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    const auto number = number_from<Number>(*value);
    if (number && *number >= range.first && *number <= range.second) return number;
    reject(name, std::string(sentence));
    return std::nullopt;
  }
  std::size_t limit();

  /// from and to; from > to is wrong.
  TimeRange range();
  /// The same of times as `time_of` reads them, whose errors are predicates; nothing where one is missing.
  struct Times {
    std::optional<DeviceTime> from;
    std::optional<DeviceTime> to;
  };
  template <std::invocable<std::string_view> ReadTime>
  Times times(const ReadTime& time_of) {
    Times times{time("from", time_of), time("to", time_of)};
    if (times.from && times.to && *times.from > *times.to) {
      reject("from", "from is after to: give the earlier time as from");
    }
    return times;
  }

  /// bbox; the whole world where it is missing.
  GeoBox box();

  /// By `format=`, else by the value of Accept: JSON unless it prefers another form. `with_gpx`: where a track makes
  /// sense.
  AnswerForm form(std::string_view accept, bool with_gpx);

  /// The numbers of `cursor`, which stand between points.
  template <std::size_t count>
  std::optional<std::array<std::int64_t, count>> cursor() {
    std::array<std::int64_t, count> numbers{};
    return read_cursor(numbers) ? std::optional(numbers) : std::nullopt;
  }
  void reject_cursor() {
    reject("cursor",
           "This cursor belongs to another query, or the administrator's token was replaced. Send `next` of the page "
           "before, with the parameters of that page.",
           Problem::invalid_cursor);
  }
  /// From now on `cursor` is what was sealed in it; it is there.
  void put_cursor(std::string place);

  /// sort=time or sort=-time.
  TimeOrder order();

 private:
  template <class ReadTime>
  std::optional<DeviceTime> time(std::string_view name, const ReadTime& time_of) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    const Result<DeviceTime> time = time_of(*value);
    if (time) return std::clamp(*time, before_all, after_all);
    reject(name, std::string(name).append(" ").append(time.error().detail));
    return std::nullopt;
  }
  bool read_cursor(std::span<std::int64_t> numbers);

  std::vector<std::pair<std::string, std::string>> values_;
  std::optional<Fault> fault_;
};

/// `Link: <..>; rel="next"`: the same question with the cursor.
std::string next_link(const Request& request, std::string_view cursor);

}  // namespace packwalk
