#include "config/options/options.h"

namespace marconi::config {
namespace {

constexpr auto kWebSocket = "drivers:transport:websocket";

std::vector<Option> websocket_options() {
  const auto declare = [](Type type, std::string_view name, Default preset,
                          std::string_view effect) {
    return option(type, kWebSocket, name, preset, effect).with_support(Support::no_effect);
  };
  return {
      declare(Type::host, "bind", "127.0.0.1", "The address to listen on."),
      declare(Type::port, "port", "9000", "The port to listen on."),
      declare(Type::port, "external-port", std::nullopt, "The port clients use through a proxy.")
          .also("external_port"),
      declare(Type::host, "notification-bind", std::nullopt,
              "The address of the internal notification listener.")
          .also("notification_bind"),
      declare(Type::port, "notification-port", "0",
              "The port of the internal notification listener.")
          .also("notification_port"),
  };
}

}  // namespace

std::vector<Option> driver_options() {
  constexpr auto kGroup = "drivers";
  std::vector<Option> options = {
      option(Type::text, kGroup, "transport", "wsgi", "The kind of front door: wsgi is plain HTTP.")
          .one_of({"wsgi", "websocket"})
          .refusing({"websocket"}),
      option(Type::text, kGroup, "message_store", "embedded",
             "Where messages are kept. mongodb: in the databases of the reference service's driver "
             "of that name; mongodb.fifo: in those of its driver with unique markers.")
          .also("storage")
          .one_of({"embedded", "memory", "faulty", "mongodb", "mongodb.fifo", "redis", "swift"})
          .refusing({"redis", "swift"})
          .with_test_values({"memory", "faulty"}),
      option(Type::text, kGroup, "management_store", "embedded",
             "Where queues are kept. One store serves both, so it equals message_store, or is "
             "mongodb where that is mongodb.fifo; naming one of the two is enough.")
          .one_of({"embedded", "memory", "faulty", "mongodb", "redis", "sqlalchemy"})
          .refusing({"redis", "sqlalchemy"})
          .with_test_values({"memory", "faulty"}),
      option(Type::host, "drivers:transport:wsgi", "bind", "127.0.0.1",
             "The address to listen on; IPv6 addresses are written without brackets."),
      option(Type::port, "drivers:transport:wsgi", "port", "8888",
             "The port to listen on; 0 takes any free one."),
  };
  for (auto& option : websocket_options()) options.push_back(std::move(option));
  return options;
}

}  // namespace marconi::config
