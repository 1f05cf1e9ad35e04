// Small JSON documents as a tree: answers of a server, bodies of requests. Packets are read by core/packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

namespace packwalk {

/// A parsed document.
class JsonDocument {
 public:
  using Path = std::initializer_list<std::string_view>;

  /// Empty if `text` is not JSON. Memory and time depend only on its size, not on its depth.
  static std::optional<JsonDocument> from_text(std::string_view text);
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  /// The value at `path`, object by object from the root; empty if it is missing or of another type.
  std::optional<std::int64_t> integer(Path path) const;
  std::optional<std::size_t> array_size(Path path) const;
  std::optional<std::string_view> text(Path path) const;

 private:
  class Tree;
  explicit JsonDocument(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

}  // namespace packwalk
