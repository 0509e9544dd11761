#include "api/errors.h"

#include <fmt/format.h>

#include <utility>

#include "domain/errors.h"

namespace marconi::api::errors {

using base::ErrorKind;
using domain::errors::invalid_request;

namespace {

Error invalid(std::string title, std::string description) {
  return {ErrorKind::invalid, std::move(title), std::move(description)};
}

Error invalid_parameter(std::string_view name, std::string_view rule) {
  return invalid("Invalid parameter",
                 fmt::format("The \"{}\" parameter is invalid. {}", name, rule));
}

}  // namespace

Error unknown_method() { return invalid("Bad request", "Invalid HTTP method"); }

Error form_content() {
  return invalid("Invalid Content-Type",
                 "Endpoint does not accept `application/x-www-form-urlencoded` content; currently "
                 "supported media type is `application/json`; specify proper client-side media "
                 "type with the \"Content-Type\" header.");
}

Error client_id_missing() {
  return invalid("Missing header value", "The \"Client-ID\" header is required.");
}

Error client_id_malformed() { return invalid("Wrong UUID value", "Malformed hexadecimal UUID."); }

Error project_empty() {
  return invalid("Empty project header not allowed",
                 "X-PROJECT-ID cannot be an empty string. Specify the right header X-PROJECT-ID "
                 "and retry.");
}

Error project_missing() {
  return invalid("Project-Id Missing", "The header X-PROJECT-ID was missing");
}

Error queue_name_malformed() {
  return invalid("Invalid queue identification",
                 "The format of the submitted queue name or project id is not valid.");
}

Error extra_spec_unknown(std::string_view scheme) {
  return invalid_request(fmt::format("Extra-Spec names an unknown scheme: {}", scheme));
}

Error not_authorized() {
  return {ErrorKind::forbidden, "Not authorized",
          "You are not authorized to complete this action."};
}

Error patch_content_type() {
  return {ErrorKind::unsupported_media_type,
          "Accepted media type for PATCH: {'Accept-Patch': "
          "'application/openstack-messaging-v2.0-json-patch'}.",
          {}};
}

Error parameter_not_integer(std::string_view name) {
  return invalid_parameter(name, "The value must be an integer.");
}

Error parameter_not_boolean(std::string_view name) {
  return invalid_parameter(name, "The value of the parameter must be \"true\" or \"false\".");
}

Error parameter_missing(std::string_view name) {
  return invalid("Missing parameter", fmt::format("The \"{}\" parameter is required.", name));
}

Error too_many_filters(std::size_t max) {
  return invalid_request(fmt::format("No more than {} metadata filters can be given.", max));
}

Error ids_and_pop() {
  return invalid_request("pop and id params cannot be present together in the delete request.");
}

Error neither_ids_nor_pop() {
  return invalid_request(
      "The request should have either \"ids\" or \"pop\" parameter in the request, to be able to "
      "delete.");
}

Error ids_need_claim_ids() {
  return invalid_request(
      "The request should have both \"ids\" and \"claim_ids\" parameter in the request when "
      "message_delete_with_claim_id is True.");
}

Error invalid_document(std::string description) {
  return invalid("Invalid request body", std::move(description));
}

Error body_missing() { return invalid_document("Request body can not be empty"); }
Error body_too_large() { return invalid_request("Request body is too large."); }
Error body_malformed() { return invalid_document("Request body could not be parsed."); }

Error body_integer_too_large() {
  return invalid_document("JSON contains integer that is too large.");
}

Error document_type() { return invalid_document("Document type not supported."); }

Error field_missing(std::string_view field) {
  return invalid_document(fmt::format("Missing \"{}\" field.", field));
}

Error field_not_integer(std::string_view field) {
  return invalid_document(fmt::format("The value of the \"{}\" field must be a int.", field));
}

Error no_messages_member() {
  return invalid_request("No messages were found in the request body.");
}

Error metadata_reserved() {
  return invalid_request(
      "Reserved queue attributes in metadata (which names start with \"_\") can not be set in API "
      "v1.");
}

Error patch_empty() { return invalid_document("PATCH body could not be empty for update."); }

Error purge_without_types() {
  return invalid_request("Post body must contain key \"resource_types\".");
}

Error purge_types_unknown() {
  return invalid_request("Resource types must be a sub set of {'messages', 'subscriptions'}.");
}

}  // namespace marconi::api::errors
