#include "http/request_id.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "base/random_bits.h"
#include "base/token.h"

namespace packwalk {
namespace {

constexpr std::size_t given_size_max = 64;
constexpr std::size_t made_size = 13;  // of 64 bits, 5 per character; short enough that std::string does not allocate

std::uint64_t next_number() {
  thread_local std::uint64_t state = random_bits();
  state += split_mix_step;
  return split_mix(state);
}

bool is_id_character(char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }

}  // namespace

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= given_size_max && std::all_of(text.begin(), text.end(), is_id_character) &&
         text.find(token_prefix) == std::string_view::npos;  // the log must not show a token
}

std::string make_request_id() {
  constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";
  std::uint64_t number = next_number();
  std::string id(made_size, '0');
  for (char& character : id) {
    character = alphabet[number & 31U];
    number >>= 5U;
  }
  return id;
}

}  // namespace packwalk
