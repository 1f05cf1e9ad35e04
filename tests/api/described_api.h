// What a document of OpenAPI says of an API, as far as it can be compared with the code.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace packwalk {

struct DescribedOperation {
  std::string method;  // "GET"
  std::string path;
  std::set<std::string> query_parameters;

  friend auto operator<=>(const DescribedOperation&, const DescribedOperation&) = default;
};

struct DescribedApi {
  std::set<DescribedOperation> operations;
  std::vector<std::string> problem_codes;  // of the schema ProblemCode
  std::vector<std::string> flaws;          // {names} in a path that are no parameters of it, or the other way round
};

/// Throws for what is no YAML, or not what a document of OpenAPI looks like.
DescribedApi described_api(std::string_view yaml);

}  // namespace packwalk
