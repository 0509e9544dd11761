// The error catalogue as it must be on the wire, for tests, with the default limits.
#pragma once

#include <string>
#include <string_view>

namespace marconi::api::wire {

struct Expected {
  int status = 0;
  std::string_view title;
  std::string description;
};

inline const std::string kBody = "Invalid request body";
inline const std::string kRequest = "Invalid API request";

inline Expected route() { return {404, "404 Not Found", ""}; }
inline Expected method() { return {405, "405 Method Not Allowed", ""}; }
inline Expected bad_method() { return {400, "Bad request", "Invalid HTTP method"}; }
inline Expected cid_missing() {
  return {400, "Missing header value", R"(The "Client-ID" header is required.)"};
}
inline Expected cid_format() { return {400, "Wrong UUID value", "Malformed hexadecimal UUID."}; }
inline Expected proj_empty() {
  return {400, "Empty project header not allowed",
          "X-PROJECT-ID cannot be an empty string. Specify the right header X-PROJECT-ID and "
          "retry."};
}
inline Expected proj_missing() {
  return {400, "Project-Id Missing", "The header X-PROJECT-ID was missing"};
}
inline Expected qname() {
  return {400, "Invalid queue identification",
          "The format of the submitted queue name or project id is not valid."};
}
inline Expected ctype() {
  return {400, "Invalid Content-Type",
          "Endpoint does not accept `application/x-www-form-urlencoded` content; currently "
          "supported media type is `application/json`; specify proper client-side media type with "
          "the \"Content-Type\" header."};
}
inline Expected forbidden() {
  return {403, "Not authorized", "You are not authorized to complete this action."};
}
inline Expected param_int(const std::string& p) {
  return {400, "Invalid parameter",
          "The \"" + p + "\" parameter is invalid. The value must be an integer."};
}
inline Expected param_bool(const std::string& p) {
  return {400, "Invalid parameter",
          "The \"" + p +
              "\" parameter is invalid. The value of the parameter must be \"true\" or "
              "\"false\"."};
}
inline Expected param_missing() {
  return {400, "Missing parameter", "The \"ids\" parameter is required."};
}
inline Expected request(std::string description) {
  return {400, "Invalid API request", std::move(description)};
}
inline Expected body(std::string description) {
  return {400, "Invalid request body", std::move(description)};
}
inline Expected limit_q() { return request("Limit must be at least 1 and no greater than 20."); }
inline Expected limit_m() {
  return request("Limit must be at least 1 and may not be greater than 20.");
}
inline Expected body_empty() { return body("Request body can not be empty"); }
inline Expected body_parse() { return body("Request body could not be parsed."); }
inline Expected body_bigint() { return body("JSON contains integer that is too large."); }
inline Expected doctype() { return body("Document type not supported."); }
inline Expected field_missing(const std::string& f) { return body("Missing \"" + f + "\" field."); }
inline Expected field_type(const std::string& f) {
  return body("The value of the \"" + f + "\" field must be a int.");
}
inline Expected size_meta() { return request("Queue metadata is too large. Max size: 65536"); }
inline Expected meta_reserved() {
  return request(
      "Reserved queue attributes in metadata (which names start with \"_\") can not be set in API "
      "v1.");
}
inline Expected size_msg() {
  return request("Message collection size is too large. Max size 262144");
}
inline Expected no_msg_key() { return request("No messages were found in the request body."); }
inline Expected no_msg() { return request("No messages to enqueu."); }
inline Expected msg_ttl() {
  return request(
      "The TTL for a message may not exceed 1209600 seconds, and must be at least 60 seconds "
      "long.");
}
inline Expected msg_delay() {
  return request(
      "The Delay TTL for a message may not exceed 900 seconds,and must be at least 0 seconds "
      "long.");
}
inline Expected claim_ttl() {
  return request(
      "The TTL for a claim may not exceed 43200 seconds, and must be at least 60 seconds long.");
}
inline Expected claim_grace() {
  return request(
      "The grace for a claim may not exceed 43200 seconds, and must be at least 60 seconds long.");
}
inline Expected del_both() {
  return request("pop and id params cannot be present together in the delete request.");
}
inline Expected del_neither() {
  return request(
      "The request should have either \"ids\" or \"pop\" parameter in the request, to be able to "
      "delete.");
}
inline Expected del_need_claim() {
  return request(
      "The request should have both \"ids\" and \"claim_ids\" parameter in the request when "
      "message_delete_with_claim_id is True.");
}
inline Expected pop_range() {
  return request("Pop value must be at least 1 and may not be greater than 20.");
}
inline Expected ids_range() {
  return request("ids parameter should have at least 1 and not greater than 20 values.");
}
inline Expected not_found(std::string description) {
  return {404, "Not found", std::move(description)};
}
inline Expected nf_queue(const std::string& q) {
  return not_found("Queue " + q + " does not exist for project acme");
}
inline Expected nf_claim(const std::string& c) {
  return not_found("Claim " + c + " does not exist in queue orders for project acme");
}
inline Expected del_claimed() {
  return {403, "Unable to delete",
          "This message is claimed; it cannot be deleted without a valid claim ID."};
}
inline Expected del_not_claimed() {
  return {400, "Unable to delete",
          "A claim was specified, but the message is not currently claimed."};
}
inline Expected del_bad_claim() {
  return {400, "Unable to delete", "The specified claim does not exist or has expired."};
}
inline Expected patch_ctype() {
  return {415,
          "Accepted media type for PATCH: {'Accept-Patch': "
          "'application/openstack-messaging-v2.0-json-patch'}.",
          ""};
}
inline Expected conflict(std::string description) {
  return {409, "Resource conflict", std::move(description)};
}
inline Expected unavailable(const std::string& text) {
  return {503, "Service temporarily unavailable", text + " Please try again in a few seconds."};
}

}  // namespace marconi::api::wire
