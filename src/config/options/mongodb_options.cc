#include <iterator>

#include "config/options/options.h"

namespace marconi::config {
namespace {

constexpr auto kMessages = "drivers:message_store:mongodb";
constexpr auto kManagement = "drivers:management_store:mongodb";

/// The one group of before the stores were told apart; what it says holds for both.
constexpr auto kOldGroup = "drivers:storage:mongodb";

constexpr double kMaxSeconds = 3600;
constexpr double kMaxAttempts = 1'000'000;
constexpr double kMaxThreshold = 1'000'000;

std::vector<Option> connection_options(std::string_view group) {
  return {
      option(Type::text, group, "uri", std::nullopt,
             "The connection string, mongodb://… (mongodb.fifo://… means the same). How long to "
             "wait for a server that does not answer stands there: serverSelectionTimeoutMS "
             "(15000) and socketTimeoutMS (30000).")
          .as_secret(),
      option(Type::text, group, "database", "zaqar", "What the names of the databases begin with."),
      option(Type::text, group, "ssl_keyfile", std::nullopt,
             "The private key that goes with ssl_certfile, in PEM; unset: it is in that file. This "
             "and the options below need a URI with ssl=true or tls=true."),
      option(Type::text, group, "ssl_certfile", std::nullopt,
             "The certificate to show to the database, in PEM."),
      option(Type::text, group, "ssl_cert_reqs", "CERT_REQUIRED",
             "Whether the database's certificate is checked; CERT_NONE: not at all.")
          .one_of({"CERT_NONE", "CERT_OPTIONAL", "CERT_REQUIRED"}),
      option(Type::text, group, "ssl_ca_certs", std::nullopt,
             "The authorities that the database's certificate is checked against, in PEM; unset: "
             "the system's."),
      integer(group, "max_reconnect_attempts", 10,
              "How often an operation is tried that a fail-over or a broken connection interrupts.")
          .at_least(0)
          .at_most(1000),
      option(Type::real, group, "reconnect_sleep", "0.02",
             "The pause before the second try, s; doubled for each further one.")
          .at_least(0)
          .at_most(kMaxSeconds),
  };
}

/// How posts to one queue compete; a matter of the store of messages.
std::vector<Option> contention_options(std::string_view group) {
  return {
      integer(group, "max_attempts", 1000,
              "How often a post is tried while others post to the same queue.")
          .at_least(0)
          .at_most(kMaxAttempts),
      option(Type::real, group, "max_retry_sleep", "0.1",
             "The longest pause between these tries, s; the first are shorter.")
          .at_least(0)
          .at_most(kMaxSeconds),
      option(Type::real, group, "max_retry_jitter", "0.005", "A random addition to each pause, s.")
          .at_least(0)
          .at_most(kMaxSeconds),
  };
}

std::vector<Option> layout_options() {
  return {
      integer(kMessages, "partitions", 2,
              "The number of databases that messages are spread over. Must never change.")
          .at_least(1)
          .at_most(10'000),
  };
}

/// What the reference service does not have.
std::vector<Option> own_options() {
  return {
      boolean(kMessages, "mixed_operation", true,
              "Whether hosts of the reference service may be writing to the same databases. To be "
              "set to false once the last one is gone."),
      option(Type::real, kMessages, "gap_hold", "0",
             "With mixed_operation: how long a list of messages stops before a message that "
             "follows a gap, s, as the one that fills it may be under way. Whole seconds.")
          .at_least(0)
          .at_most(kMaxSeconds),
      integer(kMessages, "gc_interval", 300,
              "How often the server and marconi-gc clear up what crashed hosts left behind, s.")
          .at_least(1)
          .at_most(kMaxSeconds * 24),
      integer(
          kMessages, "gc_threshold", 1000,
          "From how many expired messages of a queue on marconi-gc removes them. Fewer are left "
          "to the database, which removes expired messages by itself.")
          .at_least(0)
          .at_most(kMaxThreshold),
  };
}

void add(std::vector<Option>& all, std::vector<Option> part) {
  all.insert(all.end(), std::move_iterator(part.begin()), std::move_iterator(part.end()));
}

}  // namespace

std::vector<Option> mongodb_options() {
  auto all = connection_options(kMessages);
  add(all, contention_options(kMessages));
  add(all, layout_options());
  add(all, connection_options(kManagement));
  for (auto& option : contention_options(kManagement)) {
    all.push_back(std::move(option).with_support(Support::no_effect));
  }
  for (auto& option : all) option.aliases.push_back({kOldGroup, option.name});
  add(all, own_options());
  return all;
}

}  // namespace marconi::config
