// A response as bytes.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.h"

namespace packwalk {

struct ResponseForm {
  bool keep_alive = false;
  bool head_only = false;         // for HEAD: only the head of the response
  bool is_http_1_0 = false;       // of the request: a body of unknown length ends with the connection
  std::string_view request_id{};  // "" for none
};

/// Clears `output` and writes the status line and the header, followed by the body if it is small. False if the name or
/// value of a field could end its line: such a response is never sent.
[[nodiscard]] bool write_response(std::string& output, const Response& response, ResponseForm form);

/// The body of a response whose length is known.
std::string_view whole_body(const Response& response);

/// Whether the body must be sent after `output`.
bool sends_body_apart(const Response& response, ResponseForm form);

}  // namespace packwalk
