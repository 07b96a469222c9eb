using System.Net;
using Microsoft.AspNetCore.Connections;
using RawWs.Transport;

namespace RawWs.Samples;

/// <summary>A connection of Kestrel's as one of RawWs'. Its input ends when Kestrel's <c>ConnectionClosed</c> is cancelled, and somebody always reads it: that token needs no mapping.</summary>
internal sealed class KestrelConnection(ConnectionContext connection) : DuplexPipeConnection(connection.Transport)
{
    public override EndPoint? LocalEndPoint => connection.LocalEndPoint;

    public override EndPoint? RemoteEndPoint => connection.RemoteEndPoint;

    public override void Abort() => connection.Abort(new ConnectionAbortedException("The WebSocket server has dropped the connection."));
}
