<?php

declare(strict_types=1);

/*
 * Sets up the site in the folder that is the first argument, unless the database has it already: what the wizard of
 * wp-admin/install.php asks comes from the environment.
 */

$folder = $argv[1];

function setting(string $name, string $otherwise): string
{
    $value = getenv("WORDPRESS_$name");
    return $value === false || $value === '' ? $otherwise : $value;
}

/** Waits until the database answers: its pod may be younger than this one. */
function database(int $seconds): mysqli
{
    mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
    [$host, $port] = explode(':', setting('DB_HOST', 'mysql') . ':3306');
    $deadline = microtime(true) + $seconds;
    $said = '';
    while (true) {
        try {
            return new mysqli($host, setting('DB_USER', 'root'), setting('DB_PASSWORD', ''), '', (int) $port);
        } catch (mysqli_sql_exception $exception) {
            if ($exception->getMessage() !== $said) {
                $said = $exception->getMessage();
                fwrite(STDERR, "MySQL Connection Error: ({$exception->getCode()}) $said\n");
            }
            if (microtime(true) > $deadline) {
                exit(1);
            }
            usleep(500_000);
        }
    }
}

$database = database(120);
$name = setting('DB_NAME', 'wordpress');
// Two front ends must not set up the same site.
$database->query("SELECT GET_LOCK('wordpress-install', 60)");
try {
    $database->query('CREATE DATABASE IF NOT EXISTS `' . str_replace('`', '``', $name) . '`');
} catch (mysqli_sql_exception) {
    // A user who may not make databases has one.
}

remove_what_was_cut_short($database, $name, setting('TABLE_PREFIX', 'wp_'));

define('WP_INSTALLING', true);
require "$folder/wp-load.php";
require ABSPATH . 'wp-admin/includes/upgrade.php';
if (!is_blog_installed()) {
    wp_install(
        setting('TITLE', 'WordPress'),
        setting('ADMIN_USER', 'admin'),
        setting('ADMIN_EMAIL', 'admin@lab.example'),
        false,
        '',
        setting('ADMIN_PASSWORD', 'wordpress'),
    );
    // Plain addresses (?p=1) work under any path and through any rewriting.
    update_option('permalink_structure', '');
    // Avatars are pictures of gravatar.com.
    update_option('show_avatars', '0');
    // This program's host is nobody's: links of the first posts lead to the host that the reader asked.
    $wpdb->query("UPDATE $wpdb->posts SET post_content = REPLACE(post_content, 'http://localhost/', '/')");
} elseif ((int) get_option('db_version') !== $wp_db_version) {
    wp_upgrade();
}

/**
 * Tables without an address or a user were left by a set-up that was killed. WordPress takes them for a broken database and
 * would never start again.
 */
function remove_what_was_cut_short(mysqli $database, string $name, string $prefix): void
{
    $quoted = '`' . str_replace('`', '``', $name) . '`';
    try {
        $site = "SELECT 1 FROM $quoted.`{$prefix}options`, $quoted.`{$prefix}users`
            WHERE option_name = 'siteurl' AND option_value <> '' LIMIT 1";
        if ($database->query($site)->num_rows > 0) {
            return;
        }
    } catch (mysqli_sql_exception) {
        // Not even the tables are there.
    }
    $pattern = $database->real_escape_string(addcslashes($prefix, '\\_%') . '%');
    foreach ($database->query("SHOW TABLES FROM $quoted LIKE '$pattern'")->fetch_all() as [$table]) {
        $database->query("DROP TABLE $quoted.`$table`");
    }
}
