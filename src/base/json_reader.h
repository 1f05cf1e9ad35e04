// Small JSON documents as a tree: answers of a server, bodies of requests. Packets are read by core/packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

namespace packwalk {

/// A document that was read as a whole.
class JsonDocument {
 public:
  using Path = std::initializer_list<std::string_view>;

  /// Nothing for what is no JSON. Memory and time grow with `text` alone, however deep it is nested.
  static std::optional<JsonDocument> from_text(std::string_view text);
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  /// The value that the names of `path` lead to from the root, object by object; nothing when it is no such thing.
  std::optional<std::int64_t> integer(Path path) const;
  std::optional<std::size_t> array_size(Path path) const;
  std::optional<std::string_view> text(Path path) const;

 private:
  class Tree;
  explicit JsonDocument(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

}  // namespace packwalk
