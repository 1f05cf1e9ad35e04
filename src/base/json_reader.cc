#include "base/json_reader.h"

#include <rapidjson/document.h>

#include <utility>

namespace packwalk {

class JsonDocument::Tree {
 public:
  explicit Tree(std::string_view text) {
    document_.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  }
  bool is_json() const { return !document_.HasParseError(); }

  const rapidjson::Value* find(Path path) const {
    const rapidjson::Value* found = &document_;
    for (const std::string_view name : path) {
      if (!found->IsObject()) return nullptr;
      const auto length = static_cast<rapidjson::SizeType>(name.size());
      const auto member = found->FindMember(rapidjson::Value(rapidjson::StringRef(name.data(), length)));
      if (member == found->MemberEnd()) return nullptr;
      found = &member->value;
    }
    return found;
  }

 private:
  rapidjson::Document document_;
};

std::optional<JsonDocument> JsonDocument::from_text(std::string_view text) {
  auto tree = std::make_unique<Tree>(text);
  if (!tree->is_json()) return std::nullopt;
  return JsonDocument(std::move(tree));
}

JsonDocument::JsonDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

std::optional<std::int64_t> JsonDocument::integer(Path path) const {
  const rapidjson::Value* found = tree_->find(path);
  return found && found->IsInt64() ? std::optional(found->GetInt64()) : std::nullopt;
}

std::optional<std::size_t> JsonDocument::array_size(Path path) const {
  const rapidjson::Value* found = tree_->find(path);
  return found && found->IsArray() ? std::optional<std::size_t>(found->Size()) : std::nullopt;
}

std::optional<std::string_view> JsonDocument::text(Path path) const {
  const rapidjson::Value* found = tree_->find(path);
  if (!found || !found->IsString()) return std::nullopt;
  return std::string_view(found->GetString(), found->GetStringLength());
}

}  // namespace packwalk
