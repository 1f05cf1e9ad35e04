// The token of a phone, wherever its app has a field that somebody could type it into.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.h"

namespace packwalk {

/// Of the texts that stand where a token may stand: the first that has the form of one, else the first at all, else "".
/// These are the Bearer token, the Basic password and user, what the path has, and the values of the query's
/// parameters.
std::string phone_token(const Request& head);

/// The same of the parameters of a query or form alone: any that has the form of a token, else one whose name says that
/// it should.
std::string token_among_parameters(std::string_view form);

}  // namespace packwalk
