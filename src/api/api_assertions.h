// For tests: what an answer must look like.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "api/api_harness.h"
#include "api/catalogue_for_tests.h"

namespace marconi::api {

/// An error document of the catalogue, with the headers that every error has.
inline void expect_error(const Answer& answer, const wire::Expected& expected) {
  EXPECT_EQ(answer.status(), expected.status);
  EXPECT_EQ(answer.body(), error_body(expected.title, expected.description));
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.header("Vary"), "Accept");
}

inline void expect_json(const Answer& answer, int status, const std::string& body) {
  EXPECT_EQ(answer.status(), status);
  EXPECT_EQ(answer.body(), body);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_FALSE(answer.response.omit_content_length);
}

inline void expect_no_content(const Answer& answer) {
  EXPECT_EQ(answer.status(), 204) << answer.body();
  EXPECT_EQ(answer.body(), "");
  EXPECT_EQ(answer.header("Content-Type"), std::nullopt);
  EXPECT_TRUE(answer.response.omit_content_length);
}

}  // namespace marconi::api
