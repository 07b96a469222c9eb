namespace RawWs.Hosting;

/// <summary>What is done with the server between its making and its start. There is one for each call on a <see cref="RawWsBuilder"/>, in the order of the calls.</summary>
internal sealed record ServerSetup(Action<WebSocketServer, IServiceProvider> Apply);
