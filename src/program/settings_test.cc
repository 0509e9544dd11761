#include "program/settings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "program/configuration_for_tests.h"

namespace marconi::program {
namespace {

using namespace std::chrono_literals;

class SettingsTest : public ConfigurationTest {};

TEST_F(SettingsTest, mongodb_store_follows_the_configuration) {
  const std::string messages = "drivers:message_store:mongodb.";
  const std::string management = "drivers:management_store:mongodb.";
  const auto store = mongodb_options(
      with({"drivers.message_store=mongodb.fifo", messages + "uri=mongodb://m",
            management + "uri=mongodb://q", messages + "database=a", management + "database=b",
            messages + "partitions=5", messages + "max_attempts=7",
            messages + "max_retry_sleep=0.5", messages + "max_retry_jitter=0.25",
            messages + "gc_threshold=9", messages + "mixed_operation=false",
            messages + "gap_hold=1.5", messages + "max_reconnect_attempts=3",
            management + "reconnect_sleep=0.5", messages + "ssl_keyfile=/k",
            messages + "ssl_certfile=/c", messages + "ssl_ca_certs=/a",
            messages + "ssl_cert_reqs=CERT_NONE", "DEFAULT.unreliable=true"}),
      nullptr);
  EXPECT_EQ(store.messages.uri, "mongodb://m");
  EXPECT_EQ(store.management.uri, "mongodb://q");
  EXPECT_EQ(store.placement.messages(4).database, "a_messages_fifo_p4");
  EXPECT_EQ(store.placement.queues().database, "b_queues");
  EXPECT_EQ(store.placement.partitions, 5U);
  EXPECT_EQ(store.contention.max_attempts, 7);
  EXPECT_EQ(store.contention.max_retry_sleep, 500ms);
  EXPECT_EQ(store.contention.max_retry_jitter, 250ms);
  EXPECT_EQ(store.gc_threshold, 9);
  EXPECT_FALSE(store.mixed_operation);
  EXPECT_EQ(store.gap_hold, 2s);
  EXPECT_TRUE(store.unreliable);
  EXPECT_EQ(store.messages.max_reconnect_attempts, 3);
  EXPECT_EQ(store.management.reconnect_sleep, 500ms);
  EXPECT_EQ(store.messages.tls_certificate_file, "/c");
  EXPECT_EQ(store.messages.tls_key_file, "/k");
  EXPECT_EQ(store.messages.tls_authorities_file, "/a");
  EXPECT_FALSE(store.messages.tls_verify);
  EXPECT_TRUE(store.management.tls_verify);
}

TEST_F(SettingsTest, declared_defaults_of_the_mongodb_store_are_those_of_its_struct) {
  const auto store = mongodb_options(with({"drivers.message_store=mongodb"}), nullptr);
  const storage::mongodb::Options defaults;
  EXPECT_EQ(store.placement.messages(1).database, defaults.placement.messages(1).database);
  EXPECT_EQ(store.placement.queues().database, defaults.placement.queues().database);
  EXPECT_EQ(store.placement.partitions, defaults.placement.partitions);
  EXPECT_EQ(store.placement.fifo, defaults.placement.fifo);
  EXPECT_EQ(store.contention.max_attempts, defaults.contention.max_attempts);
  EXPECT_EQ(store.contention.max_retry_sleep, defaults.contention.max_retry_sleep);
  EXPECT_EQ(store.contention.max_retry_jitter, defaults.contention.max_retry_jitter);
  EXPECT_EQ(store.gc_threshold, defaults.gc_threshold);
  EXPECT_EQ(store.mixed_operation, defaults.mixed_operation);
  EXPECT_EQ(store.gap_hold, defaults.gap_hold);
  EXPECT_EQ(store.unreliable, defaults.unreliable);
  EXPECT_EQ(store.messages.max_reconnect_attempts, defaults.messages.max_reconnect_attempts);
  EXPECT_EQ(store.messages.reconnect_sleep, defaults.messages.reconnect_sleep);
  EXPECT_EQ(store.messages.tls_verify, defaults.messages.tls_verify);
}

TEST_F(SettingsTest, log_file_is_looked_for_in_the_log_directory) {
  const auto file = [this](std::vector<std::string> options) {
    return log_options(with(std::move(options)), "marconi-x").file;
  };
  EXPECT_EQ(file({}), "");
  EXPECT_EQ(file({"DEFAULT.log_file=m.log"}), "m.log");
  EXPECT_EQ(file({"DEFAULT.log_dir=/l", "DEFAULT.log_file=m.log"}), "/l/m.log");
  EXPECT_EQ(file({"DEFAULT.log_dir=/l", "DEFAULT.log_file=/k/m.log"}), "/k/m.log");
  EXPECT_EQ(file({"DEFAULT.log_dir=/l"}), "/l/marconi-x.log");
}

}  // namespace
}  // namespace marconi::program
