// Removes tokens from a body that is kept.
#pragma once

#include <string>

namespace packwalk {

/// Replaces each byte of every token in `text` by an asterisk. Returns whether there was a token: a run of token
/// characters that begins like one and is at least as long. Characters may be escaped as in JSON (\u0070) or in a form
/// (%70), and the text may be UTF-16 or UTF-32. Offsets do not change, and JSON and forms stay valid. Linear time for
/// any text.
bool blank_tokens(std::string& text);

}  // namespace packwalk
