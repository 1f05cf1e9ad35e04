// A response as bytes.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.h"

namespace packwalk {

struct ResponseForm {
  bool keep_alive = false;
  bool head_only = false;         // to HEAD: the head of the response alone
  bool may_be_chunked = true;     // else a body of unknown length ends with the connection: HTTP/1.0
  std::string_view request_id{};  // "" for none
};

/// Status line and header into `output`, which is cleared; the body follows there when it is small. False when the name
/// or value of a field could end its line: such a response is never sent.
[[nodiscard]] bool write_response(std::string& output, const Response& response, ResponseForm form);

/// The body of a response whose length is known.
std::string_view whole_body(const Response& response);

/// Whether write_response() left the body to be sent after `output`.
bool sends_body_apart(const Response& response, ResponseForm form);

}  // namespace packwalk
