#include "base/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace packwalk {

bool is_token(std::string_view text) {
  return text.size() == token_size && text.starts_with(token_prefix) &&
         std::all_of(text.begin() + token_prefix.size(), text.end(), [](char c) { return is_token_character(c); });
}

std::string make_token() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  std::array<unsigned char, token_size - token_prefix.size()> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system has no random numbers");
  std::string token(token_prefix);
  for (const unsigned char byte : bytes) token.push_back(alphabet[byte % alphabet.size()]);
  return token;
}

namespace {

const EVP_MD* fetch_sha256() {
  const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (!found) throw std::runtime_error("OpenSSL on this system has no SHA-256");
  return found;
}

}  // namespace

TokenHash hash_of_token(std::string_view token) {
  // OpenSSL takes longer to find the algorithm than to hash a token with it. Kept until the process ends.
  static const EVP_MD* const sha256 = fetch_sha256();
  TokenHash hash;
  if (EVP_Digest(token.data(), token.size(), hash.data(), nullptr, sha256, nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  return hash;
}

bool equal_in_constant_time(const TokenHash& a, const TokenHash& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace packwalk
