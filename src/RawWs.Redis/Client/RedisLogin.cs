namespace RawWs.Redis.Client;

/// <summary>What is said first on a connection: which protocol, who we are, which database.</summary>
internal static class RedisLogin
{
    private const string DefaultUser = "default";

    private static readonly RedisCommand Ping = new("PING");

    /// <exception cref="ReplicaException">The server is a replica, as far as it says so, which it does over RESP3.</exception>
    /// <exception cref="RedisErrorException">Redis refuses the login, or the database.</exception>
    /// <exception cref="RedisUnavailableException">The connection was lost.</exception>
    /// <returns>The version of the protocol that is spoken.</returns>
    public static async Task<int> RunAsync(RedisConnection connection, RedisOptions options, CancellationToken cancellationToken)
    {
        var version = options.PreferResp3 && await TryHelloAsync(connection, options, cancellationToken).ConfigureAwait(false) ? 3 : 2;
        if (version == 2)
            await LogInAsync(connection, options, cancellationToken).ConfigureAwait(false);

        if (options.Database != 0)
            Check(await connection.SendAsync(new RedisCommand("SELECT", options.Database), cancellationToken).ConfigureAwait(false), $"database {options.Database}");

        // A replica in a cluster sends everybody on to its master by itself, and tells the slots as well as any other.
        connection.KeepAlive(version == 3 && !options.IsOfCluster ? PrimaryCheck.Question : Ping);
        return version;
    }

    /// <returns><see langword="false"/> if it does not know RESP3.</returns>
    private static async Task<bool> TryHelloAsync(RedisConnection connection, RedisOptions options, CancellationToken cancellationToken)
    {
        List<RedisArgument> arguments = [3];
        if (PasswordOf(options) is { } password)
        {
            arguments.Add("AUTH");
            arguments.Add(options.User ?? DefaultUser);
            arguments.Add(password);
        }

        arguments.Add("SETNAME");
        arguments.Add(options.ClientName);
        var reply = await connection.SendAsync(new RedisCommand("HELLO", [.. arguments]), cancellationToken).ConfigureAwait(false);
        if (PrimaryCheck.IsReplica(reply) && !options.IsOfCluster)
            throw new ReplicaException($"The server at {options.Target} is a replica, and the address has to be that of the primary.");

        if (reply.Type != RespType.Error)
            return true;

        // NOPROTO, or an unknown command: without RESP3. Its text is not kept, for it may repeat the arguments.
        if (CodeOf(reply) is "ERR" or "NOPROTO")
            return false;

        Check(reply, "login");
        return false;
    }

    private static async Task LogInAsync(RedisConnection connection, RedisOptions options, CancellationToken cancellationToken)
    {
        if (PasswordOf(options) is { } password)
        {
            // Before Redis 6 there are no users, and AUTH takes one argument.
            var command = options.User is { } user ? new RedisCommand("AUTH", user, password) : new RedisCommand("AUTH", password);
            Check(await connection.SendAsync(command, cancellationToken).ConfigureAwait(false), "login");
        }

        // A name is a help for people: who does not know the command, or forbids it, is used without.
        await connection.SendAsync(new RedisCommand("CLIENT", "SETNAME", options.ClientName), cancellationToken).ConfigureAwait(false);
    }

    // A user that needs none takes any. Whoever names one is not to be somebody else for want of a password.
    private static string? PasswordOf(RedisOptions options) => options.Password ?? (options.User is null ? null : "");

    private static void Check(RespValue reply, string what)
    {
        if (reply.Type == RespType.Error)
            throw new RedisErrorException($"{CodeOf(reply)} Redis refuses the {what}.");
    }

    private static string CodeOf(RespValue error) => error.ToText()!.Split(' ', 2)[0]; // An error has a text.
}
