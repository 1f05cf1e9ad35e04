// Files as UTF-8, whatever Windows and spreadsheets made of them.
#pragma once

#include <string>
#include <string_view>

namespace packwalk::replay {

/// `text` without its byte order mark; UTF-16, with or without one, is made UTF-8 in `converted`, which then holds what
/// is returned. Half of a surrogate pair becomes U+FFFD. Other encodings stay as they are.
std::string_view utf8_text(std::string_view text, std::string& converted);

}  // namespace packwalk::replay
