#include "api/responses.h"

#include <utility>

#include "encoding/json_text.h"

namespace marconi::api {

namespace {

int status_of(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::invalid:
      return 400;
    case base::ErrorKind::forbidden:
      return 403;
    case base::ErrorKind::queue_missing:
    case base::ErrorKind::message_missing:
    case base::ErrorKind::claim_missing:
      return 404;
    case base::ErrorKind::conflict:
      return 409;
    case base::ErrorKind::unsupported_media_type:
      return 415;
    case base::ErrorKind::unavailable:
    case base::ErrorKind::would_block:
      return 503;
    case base::ErrorKind::internal:
      return 500;
  }
  return 500;
}

/// `members` follows the title: empty, or starting with a comma.
Response error_document(int status, std::string_view title, std::string_view members = {}) {
  std::string body = "{\"title\": ";
  encoding::append_json_string(body, title);
  body += members;
  body += '}';
  Response response = json_response(status, std::move(body));
  response.headers.emplace_back("Vary", "Accept");
  return response;
}

}  // namespace

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.reserve(2);  // Location or Vary follows
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  response.omit_content_length = true;
  return response;
}

Response error_response(const base::Error& error) {
  std::string members;
  if (!error.description.empty()) {
    members = ", \"description\": ";
    encoding::append_json_string(members, error.description);
  }
  return error_document(status_of(error.kind), error.title, members);
}

Response route_missing() { return error_document(404, "404 Not Found"); }

Response method_not_allowed(std::string_view allow) {
  Response response = error_document(405, "405 Method Not Allowed");
  response.headers.emplace_back("Allow", allow);
  return response;
}

Response not_acceptable() {
  // The line feeds belong to the title as clients know it.
  return error_document(406,
                        "\nEndpoint only serves `application/json`; specify client-side\n"
                        "media type support with the \"Accept\" header.",
                        ", \"link\": {\"text\": \"14.1 Accept, Hypertext Transfer Protocol -- "
                        "HTTP/1.1\", \"href\": "
                        "\"http://www.w3.org/Protocols/rfc2616/rfc2616-sec14.html\", \"rel\": "
                        "\"help\"}");
}

Response websocket_refused() { return error_document(400, "400 Bad Request"); }

Response storage_down() { return json_response(503); }

Response allowed_methods(std::string_view allow) {
  Response response = json_response(200);
  response.headers.emplace_back("Allow", allow);
  return response;
}

Response empty_options() { return {}; }

}  // namespace marconi::api
