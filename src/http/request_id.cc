#include "http/request_id.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>

#include "base/ascii.h"

namespace packwalk {
namespace {

constexpr std::size_t given_size_max = 64;
constexpr std::size_t made_size = 13;  // of 64 bits, 5 per character; short enough that std::string does not allocate
constexpr std::uint64_t golden_ratio = 0x9e37'79b9'7f4a'7c15;

std::uint64_t random_bits() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

/// SplitMix64 (Steele, Lea, Flood 2014): different states give different numbers.
std::uint64_t next_number() {
  thread_local std::uint64_t state = random_bits();
  std::uint64_t mixed = state += golden_ratio;
  mixed = (mixed ^ mixed >> 30U) * 0xbf58'476d'1ce4'e5b9;
  mixed = (mixed ^ mixed >> 27U) * 0x94d0'49bb'1331'11eb;
  return mixed ^ mixed >> 31U;
}

bool is_id_character(char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }

}  // namespace

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= given_size_max && std::all_of(text.begin(), text.end(), is_id_character);
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
