#include "transport/http/response_text.h"

#include <algorithm>
#include <charconv>

#include "transport/http/characters.h"

namespace marconi::transport::http {

namespace {

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append(digits, end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const std::size_t start = out.size();
  out.append(value);
  if (!consists_of(CharacterClass::value, value)) {
    const auto is_forbidden = [](char c) { return !is_of(CharacterClass::value, c); };
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), is_forbidden, ' ');
  }
  out.append("\r\n");
}

bool has_field(const api::Response& response, std::string_view lower_name) {
  return std::ranges::any_of(response.headers, [&](const auto& header) {
    return equals_ignoring_case(header.first, lower_name);
  });
}

/// Statuses that exclude a body and its length (RFC 9110, sections 15.2, 15.3.5 and 15.4.5).
bool is_bodyless(int status) { return status < 200 || status == 204 || status == 304; }

void append_status_line(std::string& out, int status) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(std::clamp(status, 100, 999)));
  out.append(" ").append(reason_phrase(status)).append("\r\n");
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

bool carries_body(const api::Response& response, const Delivery& delivery) {
  return !delivery.to_head_request && !is_bodyless(response.status);
}

void append_response_head(std::string& out, const api::Response& response,
                          const Delivery& delivery) {
  append_status_line(out, response.status);
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  // A body that is sent always has a length: without one a client could not tell where it ends.
  const bool bodied = carries_body(response, delivery);
  const bool omit = response.omit_content_length && !(bodied && !response.body.empty());
  if (!omit && !is_bodyless(response.status)) {
    out.append("Content-Length: ");
    const std::uint64_t size = response.body.size();
    append_number(out, bodied ? size : response.announced_length.value_or(size));
    out.append("\r\n");
  }
  append_field(out, "X-Request-Id", delivery.request_id);
  if (response.status == 503 && !has_field(response, "retry-after")) {
    out.append("Retry-After: ");
    append_number(out, static_cast<std::uint64_t>(delivery.retry_after.count()));
    out.append("\r\n");
  }
  if (delivery.close) {
    out.append("Connection: close\r\n");
  } else if (delivery.to_http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace marconi::transport::http
