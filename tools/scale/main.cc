// marconi-scale-client: fills a server's store and times single requests; driven by scale.py.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "churn.h"
#include "fill.h"
#include "probe.h"

namespace {

using marconi::scale::Bulk;
using marconi::scale::Contents;

void add_bulk_options(CLI::App& app, Bulk& bulk) {
  app.add_option("--count", bulk.count, "messages or queues in all")->required();
  app.add_option("--part", bulk.part, "how many at a time on a connection")->capture_default_str();
  app.add_option("--connections", bulk.connections)->capture_default_str();
}

void add_content_options(CLI::App& app, Contents& contents) {
  app.add_option("--queue", contents.queue, "the queue, or what names of queues begin with")
      ->required();
  app.add_option("--client", contents.client, "the Client-ID")->required();
  app.add_option("--body", contents.body, "bytes of a message's body")->capture_default_str();
  app.add_option("--ttl", contents.ttl, "seconds a message lives")->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Fills the store of a server on this machine and times single requests.");
  app.require_subcommand(1);
  Bulk bulk;
  Contents contents;
  std::size_t lag = 20;
  double seconds = 0;
  app.add_option("--port", bulk.port, "of the server")->required();

  auto& fill = *app.add_subcommand("fill", "post messages to one queue");
  auto& queues = *app.add_subcommand("queues", "post a message to each of many queues");
  auto& churn = *app.add_subcommand("churn", "post messages to one queue and delete them again");
  for (auto* command : {&fill, &queues, &churn}) {
    add_bulk_options(*command, bulk);
    add_content_options(*command, contents);
  }
  fill.add_option("--expire-at", contents.expire_at, "second since the epoch instead of a TTL");
  churn.add_option("--lag", lag, "posts that wait on a connection for their deletion")
      ->capture_default_str();
  auto& probe = *app.add_subcommand("probe", "time the requests that standard input lists");
  probe.add_option("--seconds", seconds, "start over until then; 0: once")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    if (fill.parsed()) marconi::scale::fill_queue(bulk, contents);
    if (queues.parsed()) marconi::scale::fill_queues(bulk, contents);
    if (churn.parsed()) marconi::scale::churn(bulk, contents, lag);
    if (probe.parsed()) marconi::scale::probe(bulk.port, std::cin, seconds);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "marconi-scale-client: {}\n", failure.what());
    return 1;
  }
}
