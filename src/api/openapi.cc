#include <string>

#include "api/openapi_yaml.h"
#include "api/questions.h"
#include "http/static_file.h"

namespace packwalk {

Result<Response> openapi(Ask& /*ask*/) {
  constexpr std::string_view type = "application/yaml";
  static const StaticFile file = make_static_file(std::string(openapi_yaml), type);
  return Response{.content_type = std::string(type), .body = file, .headers = {{"Cache-Control", "no-cache"}}};
}

}  // namespace packwalk
