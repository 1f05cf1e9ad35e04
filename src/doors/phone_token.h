// Finds the token of a phone in any field of its app where a user may enter it.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.h"

namespace packwalk {

/// The candidates are the Bearer token, the Basic password and user, the parameter of the path, and the values of the
/// query. Returns the first one with the form of a token, otherwise the first one, otherwise "".
std::string phone_token(const Request& head);

/// The same for the parameters of a query or form: one with the form of a token, otherwise one with the name of a token
/// parameter.
std::string token_among_parameters(std::string_view form);

}  // namespace packwalk
