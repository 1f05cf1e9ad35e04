// What is kept of a body holds no token that anybody could show.
#pragma once

#include <string>

namespace packwalk {

/// Puts an asterisk for each byte of every token in `text` and says whether there was any: each run of the characters
/// of a token that begins as one and is at least as long. A character may be escaped as in JSON (\u0070) or as in a
/// form (%70), and the token may be UTF-16 or UTF-32. Offsets stay, and so does what is JSON or a form. In linear time,
/// whatever the text.
bool blank_tokens(std::string& text);

}  // namespace packwalk
