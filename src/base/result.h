// Result<T>: a value or an Error. One alias, so that moving to std::expected is a one-line change.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace packwalk {

/// Chosen by the caller's reaction: correct the input, look elsewhere, try again later, or give up. corrupt: the stored
/// data of one thing is impossible; others are not affected. broken: the store as a whole is damaged or has another
/// schema, until a person repairs it.
enum class Errc { invalid_input, too_large, not_found, conflict, unavailable, overloaded, corrupt, broken };

struct Error {
  Errc code = Errc::invalid_input;
  std::string detail;  // a sentence for the log or the terminal; never holds a secret
};

/// The return value of a function that fails. It converts to a Result of any type.
using Failure = tl::unexpected<Error>;

inline Failure fail(Errc code, std::string detail) { return Failure(Error{code, std::move(detail)}); }

/// Unlike tl::expected 1.0, a discarded Result is a compiler warning, and so an error here.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;

  /// Its error, to return it from a function with another result type. Moves the error unless this is const.
  Failure failure() { return Failure(std::move(this->error())); }
  Failure failure() const { return Failure(this->error()); }
};

}  // namespace packwalk
