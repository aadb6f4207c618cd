#include "arp/command.h"
#include "test/test.h"

static struct command c;
static bool parse(const char *text) {
    return command_parse(text, strlen(text), &c);
}

TEST(commands, "arp command: add, del, announce, probe") {
    CHECK(parse("add 10.1.110.105"));
    CHECK_EQ(c.kind, COMMAND_ADD);
    CHECK_EQ(c.ip, 0x0a016e69);
    CHECK(c.until == FOREVER);
    CHECK_EQ(c.interfaces[0], 0);
    CHECK(parse("add 10.1.110.105 123456789012 ens192,eth1\r"));
    CHECK(c.until == 123456789012u);
    CHECK_EQ(strcmp(c.interfaces, "ens192,eth1"), 0);
    CHECK(parse("add 10.1.110.105 - ens192"));
    CHECK(c.until == FOREVER);
    CHECK(parse("del 10.1.110.105"));
    CHECK_EQ(c.kind, COMMAND_DEL);
    CHECK(parse("announce 10.1.110.105"));
    CHECK_EQ(c.kind, COMMAND_ANNOUNCE);
    CHECK(parse(" probe  10.1.110.105 "));
    CHECK_EQ(c.kind, COMMAND_PROBE);
}

TEST(wrong, "arp command: what is not understood is refused") {
    static const char *const lines[] = {
        "",          "add",           "add x",        "add 10.1.110",        "add 10.1.110.256",    "add 0.0.0.0",     "add 127.0.0.1",
        "del ::1",   "add 224.0.0.1", "hold 10.0.0.1", "add 10.0.0.1 soon",  "del 10.0.0.1 5",      "add 10.0.0.1 -5", "add 255.255.255.255",
        "10.0.0.1",  "add 10.0.0.1 5 a b", "add 10.0.0.1 99999999999999999999", "probe", "ADD 10.0.0.1",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) CHECK(!parse(lines[i]));
    CHECK(!command_parse("add 10.0.0.1\0 5", 15, &c));
}
