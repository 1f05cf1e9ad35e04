// Result<T>: a value or an Error. One alias, so that moving to std::expected is a one-line change.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace packwalk {

/// Chosen by what the caller does next: mend the input, look elsewhere, try again later, or give up. corrupt: what is
/// kept of one thing is impossible, and other things are not affected. broken: the store as a whole is damaged or is
/// not what this program expects, until a person mends it.
enum class Errc { invalid_input, too_large, not_found, conflict, unavailable, overloaded, corrupt, broken };

struct Error {
  Errc code = Errc::invalid_input;
  std::string detail;  // a sentence for the log or the terminal; never holds a secret
};

/// What a function returns that fails; it becomes the Result of any type.
using Failure = tl::unexpected<Error>;

inline Failure fail(Errc code, std::string detail) { return Failure(Error{code, std::move(detail)}); }

/// Unlike tl::expected 1.0, a discarded Result is a compiler warning, and so an error here.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;

  /// Its error, to return from a function with another type of result. Moves the error out unless this is const.
  Failure failure() { return Failure(std::move(this->error())); }
  Failure failure() const { return Failure(this->error()); }
};

}  // namespace packwalk
