<?php

declare(strict_types=1);

// The guestbook's database: ?cmd=set&key=…&value=… stores in the leader, ?cmd=get&key=… reads from a follower.

header('Content-Type: application/json');
header('Cache-Control: no-store');
header('X-Pod: ' . gethostname());

/**
 * Host name or address of a redis service. The published manifests have two pairs of names: redis-master and
 * redis-slave, and since 2020 redis-leader and redis-follower.
 *
 * With GET_HOSTS_FROM=env it is the address that the kubelet put into the environment when the pod started; otherwise
 * DNS is asked, for the names of the pair that is there.
 */
function redis_host(string $newer, string $older): string
{
    $from_env = getenv('GET_HOSTS_FROM') === 'env';
    foreach ([$newer, $older] as $name) {
        $variable = strtoupper(strtr($name, '-', '_')) . '_SERVICE_HOST';
        $address = getenv($variable);
        if ($address !== false && $address !== '') {
            return $from_env ? $address : $name;
        }
    }
    // gethostbyname() gives a name that it cannot resolve back as it was.
    return gethostbyname($newer) !== $newer ? $newer : $older;
}

function redis(string $newer, string $older): Redis
{
    $client = new Redis();
    $client->connect(redis_host($newer, $older), 6379, 5.0, null, 0, 5.0);
    return $client;
}

/** A parameter that is text: `key[]=…` would make it an array. */
function parameter(string $name): string
{
    $value = $_GET[$name] ?? '';
    return is_string($value) ? $value : '';
}

function answer(int $status, array $content): void
{
    http_response_code($status);
    print json_encode($content, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE);
}

try {
    switch (parameter('cmd')) {
        case 'set':
            redis('redis-leader', 'redis-master')->set(parameter('key'), parameter('value'));
            answer(200, ['message' => 'Updated']);
            break;
        case 'get':
            $value = redis('redis-follower', 'redis-slave')->get(parameter('key'));
            answer(200, ['data' => is_string($value) ? $value : '']);
            break;
        default:
            answer(400, ['error' => 'cmd is get or set']);
    }
} catch (RedisException $exception) {
    error_log('redis: ' . $exception->getMessage());
    answer(503, ['error' => 'redis: ' . $exception->getMessage()]);
}
