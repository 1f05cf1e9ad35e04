// Files as UTF-8, whatever Windows and spreadsheets made of them.
#pragma once

#include <string>
#include <string_view>

namespace packwalk::replay {

/// `text` without its byte order mark; UTF-16, with or without one, is made UTF-8 in `converted`, which then holds what
/// is returned. Half of a surrogate pair becomes U+FFFD. Other encodings stay as they are.
std::string_view utf8_text(std::string_view text, std::string& converted);

/// Whether `text` is Windows-1252, as Excel saves CSV in western Europe (Latin-1 is nearly the same): it is no UTF-8,
/// and no character beyond ASCII in it is. One damaged byte in UTF-8 makes no Windows-1252 of it.
bool is_windows_1252(std::string_view text);
std::string from_windows_1252(std::string_view text);

/// The same of XML that is no UTF-16 any more: where it declares to be Latin-1, it is made UTF-8 in `converted`. Lines
/// stay where they are.
std::string_view utf8_xml(std::string_view text, std::string& converted);

}  // namespace packwalk::replay
