#include "tests/api/described_api.h"

#include <yaml.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <stdexcept>

namespace packwalk {
namespace {

/// A document whose aliases stand for what they name.
class Yaml {
 public:
  using Node = yaml_node_t*;

  explicit Yaml(std::string_view text) {
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) throw std::bad_alloc();
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    const bool is_yaml = yaml_parser_load(&parser, &document_) != 0;
    const std::string problem = is_yaml || !parser.problem ? "" : parser.problem;
    const std::size_t line = parser.problem_mark.line + 1;
    yaml_parser_delete(&parser);
    if (!is_yaml) throw std::runtime_error("line " + std::to_string(line) + ": " + problem);
  }
  Yaml(const Yaml&) = delete;
  Yaml& operator=(const Yaml&) = delete;
  ~Yaml() { yaml_document_delete(&document_); }

  Node root() { return yaml_document_get_root_node(&document_); }
  static std::string text(Node node) {
    if (!node || node->type != YAML_SCALAR_NODE) throw std::runtime_error("no text where one is needed");
    return {reinterpret_cast<const char*>(node->data.scalar.value), node->data.scalar.length};
  }

  std::vector<std::pair<std::string, Node>> members(Node mapping) {
    if (!mapping || mapping->type != YAML_MAPPING_NODE) throw std::runtime_error("no mapping where one is needed");
    std::vector<std::pair<std::string, Node>> all;
    for (auto* pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top; ++pair) {
      all.emplace_back(text(yaml_document_get_node(&document_, pair->key)),
                       yaml_document_get_node(&document_, pair->value));
    }
    return all;
  }
  /// Null where there is none.
  Node member(Node mapping, std::string_view name) {
    for (const auto& [key, value] : members(mapping)) {
      if (key == name) return value;
    }
    return nullptr;
  }
  std::vector<Node> items(Node sequence) {
    std::vector<Node> all;
    if (!sequence) return all;
    if (sequence->type != YAML_SEQUENCE_NODE) throw std::runtime_error("no list where one is needed");
    for (auto* item = sequence->data.sequence.items.start; item < sequence->data.sequence.items.top; ++item) {
      all.push_back(yaml_document_get_node(&document_, *item));
    }
    return all;
  }
  /// What `{$ref: "#/a/b"}` names; anything else itself.
  Node resolved(Node node) {
    const Node reference = member(node, "$ref");
    if (!reference) return node;
    std::string path = text(reference).substr(std::string_view("#/").size()) + "/";
    Node found = root();
    for (std::size_t slash = 0; (slash = path.find('/')) != std::string::npos; path.erase(0, slash + 1)) {
      found = member(found, path.substr(0, slash));
    }
    return found;
  }

 private:
  yaml_document_t document_{};
};

const std::vector<std::string> methods = {"get", "put", "post", "delete", "options", "head", "patch"};

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::set<std::string> names_in_braces(const std::string& path) {
  std::set<std::string> names;
  for (std::size_t at = 0; (at = path.find('{', at)) != std::string::npos; ++at) {
    names.insert(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

void read_operation(Yaml& yaml, Yaml::Node item, Yaml::Node operation, DescribedOperation told, DescribedApi& api) {
  std::set<std::string> in_path;
  for (const Yaml::Node list : {yaml.member(item, "parameters"), yaml.member(operation, "parameters")}) {
    for (const Yaml::Node each : yaml.items(list)) {
      const Yaml::Node parameter = yaml.resolved(each);
      const std::string name = Yaml::text(yaml.member(parameter, "name"));
      const bool is_in_path = Yaml::text(yaml.member(parameter, "in")) == "path";
      const bool is_new = (is_in_path ? in_path : told.query_parameters).insert(name).second;
      if (!is_new) api.flaws.push_back(told.path + " has " + name + " twice");
    }
  }
  if (in_path != names_in_braces(told.path)) api.flaws.push_back(told.path + " has other parameters than its path");
  api.operations.insert(std::move(told));
}

}  // namespace

DescribedApi described_api(std::string_view text) {
  Yaml yaml(text);
  DescribedApi api;
  for (const auto& [path, item] : yaml.members(yaml.member(yaml.root(), "paths"))) {
    for (const auto& [name, node] : yaml.members(item)) {
      if (std::find(methods.begin(), methods.end(), name) == methods.end()) continue;
      read_operation(yaml, item, node, {upper_case(name), path, {}}, api);
    }
  }
  const Yaml::Node schemas = yaml.member(yaml.member(yaml.root(), "components"), "schemas");
  for (const Yaml::Node code : yaml.items(yaml.member(yaml.member(schemas, "ProblemCode"), "enum"))) {
    api.problem_codes.push_back(Yaml::text(code));
  }
  return api;
}

}  // namespace packwalk
