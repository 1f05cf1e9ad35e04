#include "base/token.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <stdexcept>

namespace packwalk {

bool is_token(std::string_view text) {
  return text.size() == token_size && text.starts_with(token_prefix) &&
         std::all_of(text.begin() + token_prefix.size(), text.end(), is_token_character);
}

std::string make_token() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  std::array<unsigned char, token_size - token_prefix.size()> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no random numbers");
  std::string token(token_prefix);
  for (const unsigned char byte : bytes) token.push_back(alphabet[byte % alphabet.size()]);
  return token;
}

TokenHash hash_of_token(std::string_view token) {
  TokenHash hash;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), hash.data());
  return hash;
}

bool equal_in_constant_time(const TokenHash& a, const TokenHash& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace packwalk
