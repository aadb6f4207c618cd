<?php

/*
 * WordPress's settings, from the pod's environment. The site has no address of its own: whatever host and path the
 * reader's request has is the address of its pages, so that one site is reached by pod, service, node port and ingress.
 */

(function () {
    $setting = function (string $name, string $otherwise): string {
        $value = getenv("WORDPRESS_$name");
        return $value === false || $value === '' ? $otherwise : $value;
    };
    define('DB_NAME', $setting('DB_NAME', 'wordpress'));
    define('DB_USER', $setting('DB_USER', 'root'));
    define('DB_PASSWORD', $setting('DB_PASSWORD', ''));
    define('DB_HOST', $setting('DB_HOST', 'mysql'));
    define('DB_CHARSET', 'utf8mb4');
    define('DB_COLLATE', '');
    $GLOBALS['table_prefix'] = $setting('TABLE_PREFIX', 'wp_');

    // The same in all front ends of a database, so that a log-in at one is good for the others.
    $keys = ['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT',
        'LOGGED_IN_SALT', 'NONCE_SALT'];
    foreach ($keys as $key) {
        define($key, hash_hmac('sha256', $key . DB_HOST . DB_NAME, DB_PASSWORD));
    }

    // The ingress controller ends TLS.
    if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') {
        $_SERVER['HTTPS'] = 'on';
    }
    $root = realpath(getenv('APACHE_DOCUMENT_ROOT') ?: '/var/www/html');
    $here = realpath(__DIR__);
    $path = str_starts_with("$here/", "$root/") ? substr($here, strlen($root)) : '';
    $host = $_SERVER['HTTP_HOST'] ?? '';
    if (!preg_match('/^[a-z0-9.:\[\]-]+$/i', $host)) {
        $host = 'localhost';
    }
    $scheme = ($_SERVER['HTTPS'] ?? '') === 'on' ? 'https' : 'http';
    define('WP_HOME', "$scheme://$host$path");
    define('WP_SITEURL', "$scheme://$host$path");
})();

// Nothing leads out of the lab, and every attempt would be waited for.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISALLOW_FILE_MODS', true);
define('DISABLE_WP_CRON', true);
define('FS_METHOD', 'direct');
define('WP_DEBUG', false);

if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
