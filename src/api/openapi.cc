#include <string>

#include "api/openapi_yaml.h"
#include "api/questions.h"

namespace packwalk {

Result<Response> openapi(Ask& /*ask*/) {
  return Response{.content_type = "application/yaml", .body = std::string(openapi_yaml)};
}

}  // namespace packwalk
