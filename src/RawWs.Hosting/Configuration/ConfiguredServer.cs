using System.IO.Compression;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using RawWs.Transport;

namespace RawWs.Hosting.Configuration;

/// <summary>The options of the server, from a section of the configuration.</summary>
internal sealed class ConfiguredServer(IConfigurationSection section) : IConfigureOptions<WebSocketServerOptions>
{
    private static readonly Dictionary<string, Action<WebSocketServerOptions, IConfigurationSection>> Setters = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(WebSocketServerOptions.AllowNoEndPoints)] = static (options, setting) => options.AllowNoEndPoints = SettingValues.Boolean(setting),
        [nameof(WebSocketServerOptions.AutomaticPong)] = static (options, setting) => options.AutomaticPong = SettingValues.Boolean(setting),
        [nameof(WebSocketServerOptions.Backlog)] = static (options, setting) => options.Backlog = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.BroadcastPolicy)] = static (options, setting) => options.BroadcastPolicy = SettingValues.Name<SlowConsumerPolicy>(setting),
        [nameof(WebSocketServerOptions.CloseTimeout)] = static (options, setting) => options.CloseTimeout = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.Compression)] = static (options, setting) => options.Compression = SettingValues.Name<CompressionMode>(setting),
        [nameof(WebSocketServerOptions.CompressionLevel)] = static (options, setting) => options.CompressionLevel = SettingValues.Name<CompressionLevel>(setting),
        [nameof(WebSocketServerOptions.CompressionThreshold)] = static (options, setting) => options.CompressionThreshold = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.EndPoints)] = static (options, setting) => Replace(options.EndPoints, SettingValues.List(setting).SelectMany(EndPointNames.Resolve)),
        [nameof(WebSocketServerOptions.ForwardingHeaders)] = static (options, setting) => options.ForwardingHeaders = SettingValues.Name<ForwardingHeaders>(setting),
        [nameof(WebSocketServerOptions.HandshakeTimeout)] = static (options, setting) => options.HandshakeTimeout = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.HttpBodyTimeout)] = static (options, setting) => options.HttpBodyTimeout = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.HttpIdleTimeout)] = static (options, setting) => options.HttpIdleTimeout = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.IdleTimeout)] = static (options, setting) => options.IdleTimeout = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.KeepAliveInterval)] = static (options, setting) => options.KeepAliveInterval = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.KeepAliveTimeout)] = static (options, setting) => options.KeepAliveTimeout = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.MaxByteRate)] = static (options, setting) => options.MaxByteRate = SettingValues.Rate(setting),
        [nameof(WebSocketServerOptions.MaxCompressionMemory)] = static (options, setting) => options.MaxCompressionMemory = SettingValues.Number<long>(setting),
        [nameof(WebSocketServerOptions.MaxCompressionWindowBits)] = static (options, setting) => options.MaxCompressionWindowBits = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxConnectionRate)] = static (options, setting) => options.MaxConnectionRate = SettingValues.Rate(setting),
        [nameof(WebSocketServerOptions.MaxConnections)] = static (options, setting) => options.MaxConnections = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxConnectionsPerAddress)] = static (options, setting) => options.MaxConnectionsPerAddress = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxControlFrameRate)] = static (options, setting) => options.MaxControlFrameRate = SettingValues.Rate(setting),
        [nameof(WebSocketServerOptions.MaxFragmentCount)] = static (options, setting) => options.MaxFragmentCount = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxHandshakeCount)] = static (options, setting) => options.MaxHandshakeCount = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxHeaderCount)] = static (options, setting) => options.MaxHeaderCount = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxHistoryMemory)] = static (options, setting) => options.MaxHistoryMemory = SettingValues.Number<long>(setting),
        [nameof(WebSocketServerOptions.MaxMessageRate)] = static (options, setting) => options.MaxMessageRate = SettingValues.Rate(setting),
        [nameof(WebSocketServerOptions.MaxMessageSize)] = static (options, setting) => options.MaxMessageSize = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxReceiveMemory)] = static (options, setting) => options.MaxReceiveMemory = SettingValues.Number<long>(setting),
        [nameof(WebSocketServerOptions.MaxReceiveSize)] = static (options, setting) => options.MaxReceiveSize = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxRequestHeadSize)] = static (options, setting) => options.MaxRequestHeadSize = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxRequestLineSize)] = static (options, setting) => options.MaxRequestLineSize = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxRequestsPerConnection)] = static (options, setting) => options.MaxRequestsPerConnection = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxRoomCount)] = static (options, setting) => options.MaxRoomCount = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxRoomNameLength)] = static (options, setting) => options.MaxRoomNameLength = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxRoomsPerConnection)] = static (options, setting) => options.MaxRoomsPerConnection = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxSendQueueCount)] = static (options, setting) => options.MaxSendQueueCount = SettingValues.Number<int>(setting),
        [nameof(WebSocketServerOptions.MaxSendQueueMemory)] = static (options, setting) => options.MaxSendQueueMemory = SettingValues.Number<long>(setting),
        [nameof(WebSocketServerOptions.MaxSendQueueSize)] = static (options, setting) => options.MaxSendQueueSize = SettingValues.Number<long>(setting),
        [nameof(WebSocketServerOptions.MaxStreamedMessageSize)] = static (options, setting) => options.MaxStreamedMessageSize = SettingValues.Number<long>(setting),
        [nameof(WebSocketServerOptions.MessageTimeout)] = static (options, setting) => options.MessageTimeout = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.OriginPolicy)] = static (options, setting) => options.OriginPolicy = Origins(setting),
        [nameof(WebSocketServerOptions.PacingTimeout)] = static (options, setting) => options.PacingTimeout = SettingValues.Time(setting),
        [nameof(WebSocketServerOptions.ProxyProtocol)] = static (options, setting) => options.ProxyProtocol = SettingValues.Boolean(setting),
        [nameof(WebSocketServerOptions.SendPolicy)] = static (options, setting) => options.SendPolicy = SettingValues.Name<SlowConsumerPolicy>(setting),
        [nameof(WebSocketServerOptions.Subprotocols)] = static (options, setting) => Replace(options.Subprotocols, SettingValues.List(setting)),
        [nameof(WebSocketServerOptions.Transport)] = static (options, setting) => options.Transport = TransportOf(setting),
        [nameof(WebSocketServerOptions.TrustUnixSockets)] = static (options, setting) => options.TrustUnixSockets = SettingValues.Boolean(setting),
        [nameof(WebSocketServerOptions.TrustedProxies)] = static (options, setting) => Replace(options.TrustedProxies, SettingValues.Networks(setting)),
        [nameof(WebSocketServerOptions.WriteTimeout)] = static (options, setting) => options.WriteTimeout = SettingValues.Time(setting),
    };

    /// <summary>Options that are no text: code sets them.</summary>
    private static readonly HashSet<string> CodeOnly = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(WebSocketServerOptions.LoggerFactory),
        nameof(WebSocketServerOptions.OnUpgrade),
        nameof(WebSocketServerOptions.RoomBackplane),
        nameof(WebSocketServerOptions.RoomOptions),
        nameof(WebSocketServerOptions.TimeProvider),
        nameof(WebSocketServerOptions.Tls),
    };

    /// <summary>All options that this knows of.</summary>
    internal static IEnumerable<string> Names => Setters.Keys.Concat(CodeOnly);

    public void Configure(WebSocketServerOptions options)
    {
        var failures = Settings.Apply(section, setting => Apply(options, setting));

        // How to stop is set elsewhere, and later; what is wrong with it is told now, so that nobody is told of one half of his mistakes after the other.
        Settings.ThrowIfAny(typeof(WebSocketServerOptions), [.. failures, .. new ConfiguredDrain(section.GetSection(ConfiguredDrain.SectionName)).Apply(new DrainSettings())]);
    }

    private static bool Apply(WebSocketServerOptions options, IConfigurationSection setting)
    {
        // It has a section of its own.
        if (setting.Key.Equals(ConfiguredDrain.SectionName, StringComparison.OrdinalIgnoreCase))
            return true;

        if (CodeOnly.Contains(setting.Key))
            throw new SettingException("this option is set in code.");

        if (!Setters.TryGetValue(setting.Key, out var apply))
            return false;

        apply(options, setting);
        return true;
    }

    private static void Replace<T>(IList<T> list, IEnumerable<T> values)
    {
        list.Clear();
        foreach (var value in values)
            list.Add(value);
    }

    private static OriginPolicy Origins(IConfigurationSection setting) => setting.Value?.ToUpperInvariant() switch
    {
        "ANY" => OriginPolicy.Any,
        "SAMEHOST" => OriginPolicy.SameHost,
        "SAMEHOSTWITHCOOKIE" => OriginPolicy.SameHostWithCookie,
        _ => OriginPolicy.Allow(SettingValues.List(setting)),
    };

    private static ITransport TransportOf(IConfigurationSection setting) => setting.Value?.ToUpperInvariant() switch
    {
        "SOCKETS" => new SocketTransport(),
        "EVENTLOOP" when !EventLoopTransport.IsSupported => throw new SettingException("event loops need Linux on x64 or arm64; leave it out."),
        "EVENTLOOP" => new EventLoopTransport(),
        _ => throw new SettingException($"'{setting.Value}' is neither Sockets nor EventLoop."),
    };
}
