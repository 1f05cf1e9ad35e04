#include "http/router.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

const std::vector<Method> get{Method::get};
const std::vector<Method> post{Method::post};

/// The pattern of the route that `path` leads to, and what stands where it has {..}; else the status.
std::string found(std::string path, Method method = Method::get) {
  static const Router router({{.methods = get, .pattern = "/", .handler = nullptr, .is_door = true},
                              {.methods = get, .pattern = "/osmand", .handler = nullptr, .is_door = true},
                              {.methods = get, .pattern = "/osmand/{token}", .handler = nullptr, .is_door = true},
                              {.methods = post, .pattern = "/v1/packets", .handler = nullptr, .is_door = true},
                              {.methods = get, .pattern = "/v1/devices/{id}/fixes", .handler = nullptr}});
  Request request{.method = method, .path = std::move(path)};
  const Router::Found found = router.find(request);
  if (!found.route) return std::to_string(found.refusal->status);
  std::string text(found.route->pattern);
  for (const std::string& parameter : request.parameters) text.append(" ").append(parameter);
  return text;
}

TEST(Router, FindsARouteByPathAndMethod) {
  EXPECT_EQ("/", found("/"));
  EXPECT_EQ("/osmand/{token} a", found("/osmand/a"));
  EXPECT_EQ("/v1/devices/{id}/fixes rex", found("/v1/devices/rex/fixes"));
  EXPECT_EQ("405", found("/v1/packets"));
  EXPECT_EQ("404", found("/osmand/a/b"));
  for (const char* path :
       {"", "*", "osmand", "x/osmand", "/Osmand", "/osmand%2F", "/osmand%2", "/v1/../osmand", "/osm%20and"}) {
    EXPECT_EQ("404", found(path)) << path;
  }
}

TEST(Router, SaysWhichMethodsAPathHas) {
  for (const auto& [path, allowed] :
       {std::pair("/v1/packets", "POST, OPTIONS"), std::pair("/", "GET, HEAD, OPTIONS")}) {
    EXPECT_EQ("204", found(path, Method::options));
    EXPECT_EQ("405", found(path, Method::other));
    const Router router({{.methods = get, .pattern = "/", .handler = nullptr},
                         {.methods = post, .pattern = "/v1/packets", .handler = nullptr}});
    for (const Method method : {Method::options, Method::other}) {
      Request request{.method = method, .path = path};
      const Router::Found found = router.find(request);
      ASSERT_EQ(1U, found.refusal->headers.size());
      EXPECT_EQ("Allow", found.refusal->headers[0].first);
      EXPECT_EQ(allowed, found.refusal->headers[0].second);
    }
  }
  EXPECT_EQ("404", found("/nothing", Method::options));
}

TEST(Router, TellsAnAllowedPageWhatItMayDo) {
  const Router router({{.methods = get, .pattern = "/v1/home", .handler = nullptr},
                       {.methods = {Method::put, Method::delete_}, .pattern = "/v1/home", .handler = nullptr}},
                      AllowedOrigins::from_text("https://map.example").value());
  const auto asked = [&](const Headers& headers, Method method = Method::options) {
    Request request{.method = method, .path = "/v1/home", .headers = headers};
    return *router.find(request).refusal;
  };
  const Response allowed = asked({{"Origin", "https://map.example"}, {"Access-Control-Request-Method", "DELETE"}});
  EXPECT_EQ(204, allowed.status);
  EXPECT_EQ("GET, HEAD, PUT, DELETE, OPTIONS", header_of(allowed, "Access-Control-Allow-Methods"));
  EXPECT_EQ(header_of(allowed, "Allow"), header_of(allowed, "Access-Control-Allow-Methods"));
  EXPECT_NE(std::string_view::npos, header_of(allowed, "Access-Control-Allow-Headers").find("Authorization"));
  EXPECT_EQ("600", header_of(allowed, "Access-Control-Max-Age"));
  for (const Headers& headers :
       {Headers{{"Origin", "https://other.example"}, {"Access-Control-Request-Method", "DELETE"}},
        Headers{{"Origin", "https://map.example"}}, Headers{{"Access-Control-Request-Method", "DELETE"}}}) {
    EXPECT_EQ("", header_of(asked(headers), "Access-Control-Allow-Methods"));
    EXPECT_EQ("GET, HEAD, PUT, DELETE, OPTIONS", header_of(asked(headers), "Allow"));
  }
  const Response wrong =
      asked({{"Origin", "https://map.example"}, {"Access-Control-Request-Method", "DELETE"}}, Method::patch);
  EXPECT_EQ(405, wrong.status);
  EXPECT_EQ("", header_of(wrong, "Access-Control-Allow-Methods"));
}

TEST(Router, DropsBlanksAtDoorsAlone) {
  for (const char* path : {"/v1/devices/a/fixes/", "//v1//devices/a/fixes"}) {
    EXPECT_EQ("/v1/devices/{id}/fixes a", found(path)) << path;
  }
  for (const char* path : {"/%20v1/devices/a/fixes", "/v1/%0Adevices/a/fixes", "/v1/devices/a/fixes%20"}) {
    EXPECT_EQ("404", found(path)) << path << ": what a proxy blocks by its path is not reached by another";
  }
  EXPECT_EQ("/v1/devices/{id}/fixes %20a", found("/v1/devices/%20a/fixes"));
}

TEST(Router, MindsNoSlashesAndBlanksThatPeopleTypeBesides) {
  for (const char* path : {"/osmand/", "//osmand", "/osmand//", "///osmand///", "/osmand%20", "/osmand%20/",
                           "/osmand/%20", "/%20osmand", "/osmand%20%20", "/osmand%0A", "/osmand%0d%0a", "/osmand%09"}) {
    EXPECT_EQ("/osmand", found(path)) << path;
  }
  for (const char* path : {"/osmand/a/", "/osmand//a", "//osmand//a//", "/osmand/a%20", "/osmand/%20a"}) {
    EXPECT_EQ("/osmand/{token} a", found(path)) << path;
  }
  EXPECT_EQ("/osmand/{token} a%20b", found("/osmand/a%20b"));
  EXPECT_EQ("/v1/packets", found("/v1/packets/", Method::post));
  EXPECT_EQ("/", found("//"));
  EXPECT_EQ("/", found("/%20"));
  EXPECT_EQ("404", found("/v1/devices//fixes")) << "what is missing is not made up";
}

TEST(Router, LeavesNothingOfThemInThePath) {
  const Router router({{.methods = get, .pattern = "/v1/positions", .handler = nullptr}});
  Request request{.path = "//v1/positions/"};
  ASSERT_TRUE(router.find(request).route);
  EXPECT_EQ("/v1/positions", request.path) << "a link to //v1 would lead to another server";
}

}  // namespace
}  // namespace packwalk
