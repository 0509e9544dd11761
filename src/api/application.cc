#include "api/application.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/cors.h"
#include "api/errors.h"
#include "api/request_headers.h"
#include "api/responses.h"
#include "api/uri.h"
#include "domain/errors.h"

namespace marconi::api {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

bool is_success(int status) { return status >= 200 && status < 300; }

/// A store names its failures by kind only; the words are the operation's.
Response failed_response(const Error& error, const Exchange& exchange) {
  if (error.kind == ErrorKind::would_block) {
    Response response;
    response.would_block = true;
    return response;
  }
  if (!error.title.empty()) return error_response(error);
  return error_response(domain::errors::unavailable(exchange.failure));
}

Response run(Exchange& exchange) {
  exchange.failure = exchange.operation->failure;
  exchange.query = Query(exchange.raw_query);
  auto result = exchange.operation->run(exchange);
  Response response = result ? std::move(*result) : failed_response(result.error(), exchange);
  std::ranges::move(exchange.headers, std::back_inserter(response.headers));
  return response;
}

}  // namespace

Application::Application(const Services& services, ApiOptions options)
    : services_(services), options_(std::move(options)), router_(operations(), options_) {}

// ---- the way of a request
// -------------------------------------------------------------------------

Response Application::handle(const Request& request, base::Patience patience) {
  base::Call call(patience);
  Response response = answer(request, call);
  if (response.would_block) return response;
  response.ticket = call.ticket();
  finish(request, response);
  return response;
}

Response Application::answer(const Request& request, base::Call& call) const {
  if (request.method == "WEBSOCKET") return websocket_refused();
  Target target = parse_target(request.target);
  Exchange exchange{.request = request, .services = services_, .options = options_, .call = call};
  exchange.path = std::move(target.path);
  exchange.raw_query = target.query;
  const auto match = router_.match(exchange.path);
  return match ? answer_on_route(*match, exchange) : route_missing();
}

Response Application::answer_on_route(const RouteMatch& match, Exchange& exchange) const {
  const Request& request = exchange.request;
  // Nobody has been given a signature that could be valid.
  if (request.header("URL-Signature")) return route_missing();
  if (has_form_content(request)) return error_response(errors::form_content());
  if (!accepts_json(request)) return not_acceptable();
  if (auto identified = identify(match, exchange); !identified) {
    return error_response(identified.error());
  }
  return dispatch(*match.route, exchange);
}

Result<void> Application::identify(const RouteMatch& match, Exchange& exchange) const {
  const Request& request = exchange.request;
  const Version version = match.route->version;
  auto client = read_client_id(request, version, options_.client_id);
  if (!client) return std::unexpected(client.error());
  exchange.client = std::move(*client);
  auto project = read_project(request, version);
  if (!project) return std::unexpected(project.error());
  exchange.project = std::move(*project);
  exchange.item = match.item;
  if (match.queue) {
    if (exchange.project.text().size() > domain::ProjectId::kMaxOctets) {
      return std::unexpected(errors::queue_name_malformed());
    }
    exchange.queue_name = domain::QueueName::from(*match.queue);
    if (!exchange.queue_name) return std::unexpected(errors::queue_name_malformed());
  }
  // Before v2 there were no extra specifications; without plug-ins they mean nothing there.
  return version == Version::v2 ? check_extra_spec(request) : Result<void>();
}

Response Application::dispatch(const Route& route, Exchange& exchange) const {
  const std::string_view method = exchange.request.method;
  exchange.operation = route.find(method);
  if (!exchange.operation) {
    if (method == "OPTIONS") return allowed_methods(route.options_allow);
    return is_known_method(method) ? method_not_allowed(route.allow)
                                   : error_response(errors::unknown_method());
  }
  if (exchange.operation->access == Access::admin && !has_role(exchange.request, "admin")) {
    return error_response(errors::not_authorized());
  }
  return run(exchange);
}

void Application::finish(const Request& request, Response& response) const {
  if (request.method == "OPTIONS" && !is_success(response.status)) response = empty_options();
  if (request.method == "HEAD" && !response.body.empty()) {
    response.announced_length = response.body.size();
    response.body.clear();
  }
  apply_cors(options_.cors, request, response);
}

// ---- what else the transport asks
// -----------------------------------------------------------------

std::uint64_t Application::body_limit(std::string_view method, std::string_view target) const {
  const auto match = router_.match(parse_target(target).path);
  const Operation* operation = match ? match->route->find(method) : nullptr;
  return bytes_of(operation ? operation->body_limit : BodyLimit::fixed);
}

std::uint64_t Application::least_body_limit() const {
  return std::min(
      {bytes_of(BodyLimit::fixed), bytes_of(BodyLimit::metadata), bytes_of(BodyLimit::messages)});
}

std::uint64_t Application::bytes_of(BodyLimit limit) const {
  switch (limit) {
    case BodyLimit::messages:
      return static_cast<std::uint64_t>(options_.limits.max_messages_post_bytes);
    case BodyLimit::metadata:
      return static_cast<std::uint64_t>(options_.limits.max_queue_metadata_bytes);
    case BodyLimit::fixed:
      break;
  }
  return kFixedBodyLimit;
}

Response Application::on_commit_failure(const Request& request) const {
  const auto match = router_.match(parse_target(request.target).path);
  const Operation* operation = match ? match->route->find(request.method) : nullptr;
  Response response = error_response(domain::errors::unavailable(
      operation ? operation->failure : "The request could not be answered."));
  finish(request, response);
  return response;
}

Response Application::on_overload() const {
  return error_response(domain::errors::unavailable("The service is too busy."));
}

}  // namespace marconi::api
