// Cursors say where a page ended, with numbers of devices and of rows: so they are sealed, and good for one question.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/access/admin_token.h"

namespace packwalk {

/// Seals the cursors of one query. After a change of the query, or of the administrator's token, they are not valid.
class CursorSeal {
 public:
  /// `question`: all that must be the same for the next page. `token` outlives it.
  CursorSeal(const AdminToken& token, std::string question) : token_(token), question_(std::move(question)) {}

  /// A text of A-Z, a-z, 0-9, - and _.
  std::string seal(std::string_view place) const;
  /// Nothing when it was not made by seal() of the same question, with the same token.
  std::optional<std::string> open(std::string_view cursor) const;

 private:
  const AdminToken& token_;
  std::string question_;
};

}  // namespace packwalk
