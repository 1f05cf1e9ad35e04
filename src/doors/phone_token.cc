#include "doors/phone_token.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/token.h"

namespace packwalk {
namespace {

constexpr std::array<std::string_view, 9> token_names = {"id",      "deviceid", "device_id", "token", "access_token",
                                                         "api_key", "apikey",   "key",       "auth"};

bool names_a_token(std::string_view name) {
  return std::find(token_names.begin(), token_names.end(), name) != token_names.end();
}

}  // namespace

std::string token_among_parameters(std::string_view form) {
  std::string named;
  while (auto parameter = take_parameter(form)) {
    if (is_token(parameter->second)) return std::move(parameter->second);
    if (named.empty() && names_a_token(parameter->first)) named = std::move(parameter->second);
  }
  return named;
}

std::string phone_token(const Request& head) {
  BasicCredentials basic = basic_credentials(head.authorization());
  std::array texts = {std::string(bearer_token(head.authorization())), std::move(basic.password), std::move(basic.user),
                      head.parameters.empty() ? std::string() : head.parameters[0]};
  const auto token = std::find_if(texts.begin(), texts.end(), [](const std::string& text) { return is_token(text); });
  if (token != texts.end()) return std::move(*token);
  std::string of_query = token_among_parameters(head.query);
  if (is_token(of_query)) return of_query;
  const auto any = std::find_if(texts.begin(), texts.end(), [](const std::string& text) { return !text.empty(); });
  return any == texts.end() ? of_query : std::move(*any);
}

}  // namespace packwalk
